package org.myclerk.core.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.core.Vectors;

/** Any text that somebody calls an invitation, and any map inside of base64url. */
class InvitationFuzzTest {

    static Stream<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        for (Vectors vectors : Vectors.all()) {
            if (vectors.extra("invitation").containsKey("text")) {
                String text = vectors.extra("invitation").getString("text");
                seeds.add(text.getBytes(StandardCharsets.ISO_8859_1));
                seeds.add(Base64.getUrlDecoder().decode(text));
            }
        }
        return seeds.stream();
    }

    @MethodSource("seeds")
    @FuzzTest
    void readsAnyTextOrRefusesIt(byte[] input) throws Refused {
        String map = Base64.getUrlEncoder().withoutPadding().encodeToString(input);
        for (String text : List.of(new String(input, StandardCharsets.ISO_8859_1), map)) {
            Invitation invitation;
            try {
                invitation = Invitation.parse(text);
            } catch (Refused refused) {
                assertNotNull(refused.getMessage());
                continue;
            }
            assertEquals(invitation.text(), Invitation.parse(invitation.text()).text());
            assertEquals(List.of(32, 32), List.of(invitation.root().length(),
                    invitation.psk().bytes().length));
            assertEquals(8, invitation.pskId().length());
            assertEquals(16, invitation.family().length());
            assertNotNull(invitation.endpoints());
        }
    }
}
