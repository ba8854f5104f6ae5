package org.myclerk.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * What the TLS contenders show: an authority and a certificate for localhost that it signed, both ECDSA
 * P-256, made with the JDK's keytool.
 *
 * @param authority PEM
 * @param chain the server's certificate, PEM
 * @param key the server's key, PKCS #8 PEM
 */
record Certificates(Path authority, Path chain, Path key) {

    private static final String PASSWORD = "benchmark";

    static Certificates in(Path folder) {
        return new Certificates(folder.resolve("authority.pem"), folder.resolve("server.pem"),
                folder.resolve("server.key"));
    }

    static Certificates make(Path folder) throws IOException, InterruptedException, GeneralSecurityException {
        Certificates made = in(folder);
        Path store = folder.resolve("keys.p12");
        keytool(store, "-alias", "authority", "-dname", "CN=benchmark authority", "-ext", "bc:c");
        keytool(store, "-alias", "server", "-dname", "CN=localhost", "-ext", "san=dns:localhost,ip:127.0.0.1",
                "-signer", "authority");
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        write(made.authority, "CERTIFICATE", keys.getCertificate("authority"));
        write(made.chain, "CERTIFICATE", keys.getCertificateChain("server"));
        Files.writeString(made.key, pem("PRIVATE KEY", keys.getKey("server", PASSWORD.toCharArray())
                .getEncoded()));
        return made;
    }

    private static void keytool(Path store, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair",
                "-keystore", store.toString(), "-storetype", "PKCS12", "-storepass", PASSWORD,
                "-keyalg", "EC", "-groupname", "secp256r1", "-validity", "30"));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException("keytool: " + said);
        }
    }

    private static void write(Path file, String kind, Certificate... certificates)
            throws IOException, GeneralSecurityException {
        StringBuilder text = new StringBuilder();
        for (Certificate certificate : certificates) {
            text.append(pem(kind, certificate.getEncoded()));
        }
        Files.writeString(file, text);
    }

    private static String pem(String kind, byte[] encoded) {
        return "-----BEGIN %s-----%n%s%n-----END %s-----%n".formatted(kind,
                Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded), kind);
    }
}
