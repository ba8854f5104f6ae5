package org.myclerk.core.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.myclerk.api.transport.Endpoint;

/** How rules are written, and what they cover. */
class PlaintextRulesTest {

    @ParameterizedTest
    @CsvSource({"192.168.7.0/24,192.168.7.255,true", "192.168.7.0/24,192.168.8.0,false",
        "192.168.7.9,192.168.7.9,true", "192.168.7.9,192.168.7.8,false", "10.0.0.0/0,8.8.8.8,true",
        "10.128.0.0/9,10.127.0.1,false", "fd00:1::/32,fd00:1:2::3,true", "fd00:1::/32,fd00:2::3,false",
        "::1,::1,true", "0.0.0.0/0,::1,false", "::/0,127.0.0.1,false"})
    void coversItsNetwork(String network, String source, boolean covered) throws Exception {
        PlaintextRules rules = PlaintextRules.parse(List.of("0x0624 from " + network + " at 1/s"));
        assertEquals(covered, !rules.from(InetAddress.getByName(source)).isEmpty());
    }

    @Test
    void namesOneOperationAtOneListenerOrAll() {
        PlaintextRules rules = PlaintextRules.parse(List.of("0x0624 from ::/0 at 1/s",
                " 0x212  from ::/0 at 1/h on [::]:5657 "));
        PlaintextRules here = rules.on(Endpoint.parse("[::]:5657"));
        PlaintextRules elsewhere = rules.on(Endpoint.parse("[::]:5658"));
        assertTrue(here.name(0x0624) && here.name(0x0212) && !here.name(0x0625));
        assertTrue(elsewhere.name(0x0624) && !elsewhere.name(0x0212));
    }

    @Test
    void countsAllSourcesAndListenersTogether() throws Exception {
        PlaintextRules rules = PlaintextRules.parse(List.of("0x0624 from 10.0.0.0/8 at 2/min"));
        PlaintextRules one = rules.from(InetAddress.getByName("10.0.0.1"));
        PlaintextRules other = rules.on(Endpoint.parse("h")).from(InetAddress.getByName("10.0.0.2"));
        assertTrue(one.admit(0x0624, 0) && other.admit(0x0624, 10));
        assertFalse(one.admit(0x0624, 29_000));
        assertTrue(one.admit(0x0624, 30_010));
        assertFalse(other.admit(0x0624, 30_010));
        assertFalse(one.admit(0x0625, 90_000));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"0x0624 from 10.0.0.0/8|write it like",
        "gpio.line-set from ::1 at 1/s|write it like",
        "0x0624 from 10.0.0.0/33 at 1/s|not in 0..32", "0x0624 from ::/x at 1/s|not in 0..128",
        "0x0624 from localhost at 1/s|no address", "0x0624 from 10.0.0 at 0/s|1 or more",
        "0x0624 from 1.2.3.4.5 at 1/s|no address", "0x0624 from 10.0.0.1 at 1/day|write it like",
        "0x0005 from ::1 at 1/s|never taken", "0x03FF from ::1 at 1/s|never taken",
        "0xFFFF from ::1 at 1/s|never taken", "0x0624 from ::1 at 1/s on x:y|not a number"})
    void refusesWithASentence(String text, String words) {
        String message = assertThrows(IllegalArgumentException.class,
                () -> PlaintextRules.parse(List.of(text))).getMessage();
        assertTrue(message.contains(words), message);
    }
}
