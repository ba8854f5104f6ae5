package org.myclerk.core.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.payload.Bytes;

/** The vectors of the standards against the providers that are wired. */
class CryptoTest {

    private static byte[] hex(String digits) {
        return digits == null ? new byte[0] : HexFormat.of().parseHex(digits.replaceAll("\\s", ""));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    @Test
    void hashesAsFips180() {
        byte[] expected = hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assertArrayEquals(expected, Crypto.sha256(ascii("abc")));
        assertArrayEquals(expected, Crypto.sha256(ascii("a"), ascii(""), ascii("bc")));
    }

    /** RFC 4231 §4.2-§4.8, without the truncated case. */
    @Test
    void authenticatesAsRfc4231() {
        assertArrayEquals(hex("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
                Crypto.hmac(filled(20, 0x0b), ascii("Hi There")));
        assertArrayEquals(hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
                Crypto.hmac(ascii("Jefe"), ascii("what do ya want "), ascii("for nothing?")));
        assertArrayEquals(hex("773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
                Crypto.hmac(filled(20, 0xaa), filled(50, 0xdd)));
        assertArrayEquals(hex("82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
                Crypto.hmac(hex("0102030405060708090a0b0c0d0e0f10111213141516171819"), filled(50, 0xcd)));
        assertArrayEquals(hex("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
                Crypto.hmac(filled(131, 0xaa),
                ascii("Test Using Larger Than Block-Size Key - Hash Key First")));
        assertArrayEquals(hex("9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
                Crypto.hmac(filled(131, 0xaa),
                ascii("This is a test using a larger than block-size key and a larger "
                        + "than block-size data. The key needs to be hashed before being used by the HMAC "
                        + "algorithm.")));
    }

    /** RFC 5869 appendix A.1-A.3. */
    @ParameterizedTest
    @CsvSource({
        "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b, 000102030405060708090a0b0c, f0f1f2f3f4f5f6f7f8f9,"
                + "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5,"
                + "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f"
                + "303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f,"
                + "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
                + "808182838485868788898a8b8c8d8e8f"
                + "909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf,"
                + "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecf"
                + "d0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
                + "e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff,"
                + "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244,"
                + "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
                + "59045a99cac7827271cb41c65e590e09"
                + "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
        "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b, , ,"
                + "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04,"
                + "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"})
    void derivesAsRfc5869(String ikm, String salt, String info, String prk, String okm) {
        assertArrayEquals(hex(prk), Crypto.extract(hex(salt), hex(ikm)));
        assertArrayEquals(hex(okm), Crypto.expand(hex(prk), hex(info), hex(okm).length));
    }

    @Test
    void derivesUpToTheLimitOfHkdf() {
        assertEquals(8160, Crypto.expand(filled(32, 1), new byte[0], 8160).length);
        assertThrows(IllegalArgumentException.class, () -> Crypto.expand(filled(32, 1), new byte[0], 8161));
    }

    /** RFC 8032 §7.1, tests 1 to 3 and SHA(abc). */
    @ParameterizedTest
    @CsvSource({
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60,"
                + "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a, ,"
                + "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                + "5fb8821590a33bacc61e39701cf9b46b"
                + "d25bf5f0595bbe24655141438e7a100b",
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb,"
                + "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c, 72,"
                + "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c"
                + "387b2eaeb4302aeeb00d291612bb0c00",
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7,"
                + "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025, af82,"
                + "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                + "18ff9b538d16f290ae67f760984dc659"
                + "4a7c15e9716ed28dc027beceea1ec40a",
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42,"
                + "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf,"
                + "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd"
                + "454d4423643ce80e2a9ac94fa54ca49f,"
                + "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
                + "09351fc9ac90b3ecfdfbc7c66431e030"
                + "3dca179c138ac17ad9bef1177331a704"})
    void signsAsRfc8032(String seed, String publicKey, String message, String signature) {
        assertArrayEquals(hex(publicKey), Crypto.ed25519PublicKey(hex(seed)));
        assertArrayEquals(hex(signature), Crypto.ed25519Sign(hex(seed), hex(publicKey), hex(message)));
        assertTrue(new VerifyingKey(Bytes.wrap(hex(publicKey))).verifies(hex(message), hex(signature)));
    }

    @Test
    void verifiesStrictly() {
        byte[] seed = filled(32, 3);
        byte[] publicKey = Crypto.ed25519PublicKey(seed);
        byte[] message = ascii("message");
        byte[] signature = Crypto.ed25519Sign(seed, publicKey, message);
        VerifyingKey key = new VerifyingKey(Bytes.wrap(publicKey));
        assertTrue(key.verifies(message, signature));
        for (int bit = 0; bit < 512; bit++) {
            byte[] altered = signature.clone();
            altered[bit / 8] ^= (byte) (1 << bit % 8);
            assertFalse(key.verifies(message, altered), "bit " + bit);
        }
        assertFalse(key.verifies(ascii("massage"), signature));
        assertFalse(new VerifyingKey(Bytes.wrap(publicKey, 0, 31)).verifies(message, signature));
        assertFalse(key.verifies(message, Arrays.copyOf(signature, 63)));
        assertFalse(key.verifies(message, Arrays.copyOf(signature, 65)));
        assertFalse(key.verifies(message, sPlusOrder(signature)), "S must be below the order");
    }

    /** The same signature with the group order added to S, which a lax verifier takes. */
    private static byte[] sPlusOrder(byte[] signature) {
        BigInteger order = BigInteger.TWO.pow(252)
                .add(new BigInteger("27742317777372353535851937790883648493"));
        byte[] s = new byte[33];
        for (int i = 0; i < 32; i++) {
            s[32 - i] = signature[32 + i];
        }
        byte[] sum = new BigInteger(s).add(order).toByteArray();
        byte[] altered = Arrays.copyOf(signature, 64);
        for (int i = 0; i < 32; i++) {
            altered[32 + i] = i < sum.length ? sum[sum.length - 1 - i] : 0;
        }
        return altered;
    }

    @Test
    void refusesEveryChangedBitOfAnAesGcmBox() throws Malformed {
        byte[] key = filled(32, 9);
        byte[] iv = filled(12, 8);
        byte[] associated = ascii("associated");
        byte[] plaintext = ascii("what is in the ticket");
        byte[] box = Crypto.aesGcmSeal(key, iv, associated, plaintext);
        assertEquals(plaintext.length + Crypto.TAG, box.length);
        assertArrayEquals(plaintext, Crypto.aesGcmOpen(key, iv, associated, box));
        for (int bit = 0; bit < 8 * box.length; bit++) {
            byte[] altered = box.clone();
            altered[bit / 8] ^= (byte) (1 << bit % 8);
            assertThrows(Malformed.class, () -> Crypto.aesGcmOpen(key, iv, associated, altered),
                    "bit " + bit);
        }
        for (int length = 0; length < box.length; length++) {
            byte[] prefix = Arrays.copyOf(box, length);
            assertThrows(Malformed.class, () -> Crypto.aesGcmOpen(key, iv, associated, prefix),
                    "length " + length);
        }
        assertThrows(Malformed.class, () -> Crypto.aesGcmOpen(key, iv, ascii("other"), box));
        assertThrows(Malformed.class, () -> Crypto.aesGcmOpen(key, filled(12, 7), associated, box));
        assertThrows(Malformed.class, () -> Crypto.aesGcmOpen(key, filled(16, 8), associated, box));
        assertThrows(IllegalStateException.class, () -> Crypto.aesGcmSeal(key, new byte[0], associated,
                plaintext));
    }

    @Test
    void comparesByContent() {
        assertTrue(Crypto.equal(filled(3, 1), filled(3, 1)));
        assertFalse(Crypto.equal(filled(3, 1), filled(3, 2)));
        assertFalse(Crypto.equal(filled(3, 1), filled(4, 1)));
    }

    @Test
    void takesRandomBytesFromWhoIsAsked() {
        assertArrayEquals(Crypto.random(new Random(5), 40), Crypto.random(new Random(5), 40));
        assertFalse(Arrays.equals(Crypto.random(new Random(5), 40), Crypto.random(new Random(6), 40)));
    }

    @Test
    void keepsSecretsToThemselves() {
        Secret secret = Secret.wrap(filled(32, 0x41));
        assertEquals("32 secret bytes", secret.toString());
        assertEquals(32, secret.length());
        assertEquals(secret, Secret.wrap(filled(32, 0x41)));
        assertEquals(secret.hashCode(), Secret.wrap(filled(32, 0x42)).hashCode());
        assertNotEquals(secret, Secret.wrap(filled(32, 0x42)));
        assertNotEquals(secret, Secret.wrap(filled(31, 0x41)));
        assertNotEquals(secret, null);
        secret.erase();
        assertArrayEquals(new byte[32], secret.bytes());
    }

    @Test
    void erasesWhatTrafficKeysWereCutFrom() {
        byte[] derived = filled(68, 5);
        TrafficKeys keys = TrafficKeys.split(derived);
        assertArrayEquals(new byte[68], derived);
        assertEquals(4, keys.random().length());
        assertEquals("TrafficKeys[aead=32 secret bytes, mac=32 secret bytes, random=4 secret bytes]",
                keys.toString());
    }

    @Test
    void bindsSignaturesToTheirLabel() {
        Secret seed = Secret.wrap(filled(32, 1));
        byte[] publicKey = Crypto.ed25519PublicKey(seed.bytes());
        VerifyingKey key = new VerifyingKey(Bytes.wrap(publicKey));
        byte[] signature = KeySchedule.sign(seed, publicKey, "certificate", ascii("body"));
        assertTrue(KeySchedule.verify(key, "certificate", ascii("body"), signature));
        assertTrue(key.verifies(ascii("myclerk-v0 certificate\0body"), signature));
        assertFalse(KeySchedule.verify(key, "revocations", ascii("body"), signature));
        byte[] signed = KeySchedule.signedHandshake(filled(32, 2), ascii("certificate"));
        assertArrayEquals(filled(32, 2), Arrays.copyOf(signed, 32));
        assertArrayEquals(Crypto.sha256(ascii("certificate")), Arrays.copyOfRange(signed, 32, 64));
    }
}
