package org.myclerk.core.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.core.crypto.Crypto;
import org.myclerk.core.crypto.Secret;

class InvitationTest {

    private static Invitation invitation(String... at) {
        Random random = new Random(1);
        return new Invitation(Bytes.wrap(Crypto.random(random, 32)), Secret.wrap(Crypto.random(random, 32)),
                TestNode.NOW, List.of(at));
    }

    @Test
    void bearsOutTheTimesAtWhichItMayBeShown() {
        Invitation one = invitation("[::1]:5657");
        assertTrue(one.bearsOut(TestNode.NOW) && one.bearsOut(TestNode.NOW - 15 * 60 - 300));
        assertFalse(one.bearsOut(TestNode.NOW + 1) || one.bearsOut(TestNode.NOW - 15 * 60 - 301));
    }

    @Test
    void refusesEveryPrefixOfTheText() {
        String text = invitation("[::1]:5657").text();
        for (int length = 0; length < text.length(); length++) {
            String cut = text.substring(0, length);
            assertThrows(Refused.class, () -> Invitation.parse(cut), "length " + length);
        }
    }

    @Test
    void neverReadsAChangedCharacterAsTheSameInvitation() {
        Invitation good = invitation("[::1]:5657");
        String text = good.text();
        for (int i = 0; i < text.length(); i++) {
            for (char c : "Ab1-_ +/=é".toCharArray()) {
                if (text.charAt(i) != c && !(c == ' ' && (i == 0 || i == text.length() - 1))) {
                    StringBuilder changed = new StringBuilder(text);
                    changed.setCharAt(i, c);
                    try {
                        assertNotEquals(good, Invitation.parse(changed.toString()), "character " + i);
                    } catch (Refused refused) {
                        assertFalse(refused.getMessage().contains(text.substring(10, 20)));
                    }
                }
            }
        }
    }

    @Test
    void refusesSetBitsBehindTheLastByte() {
        String text = invitation("a", "bb").text();
        while (text.length() % 4 == 0) {
            text = invitation("a", "b" + text.length()).text();
        }
        char last = text.charAt(text.length() - 1);
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        String changed = text.substring(0, text.length() - 1) + alphabet.charAt(alphabet.indexOf(last) | 1);
        assertThrows(Refused.class, () -> Invitation.parse(changed));
    }

    @Test
    void givesTheAddressesItCanRead() {
        assertEquals(List.of(Endpoint.parse("192.0.2.1:5657"), Endpoint.parse("[::1]:1")),
                invitation("192.0.2.1:5657", "1:2:3:4", "[::1]:1").endpoints());
    }

    @Test
    void printsNoKey() {
        Invitation invitation = invitation("192.0.2.1:5657");
        String printed = invitation.toString();
        assertFalse(printed.contains(Bytes.wrap(invitation.psk().bytes()).toHex()));
        assertFalse(printed.contains(invitation.text()));
    }
}
