package org.myclerk.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.CodeSigner;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * Who signed a jar, as {@code jarsigner} does it. What counts is the certificate itself, by its fingerprint:
 * nobody else vouches for it.
 *
 * @param fingerprint SHA-256 of the certificate as {@code keytool -printcert} shows it: {@code AB:CD:…}
 * @param name of the certificate's subject
 */
public record Signature(String fingerprint, String name) {

    /**
     * Reads the whole jar and checks all of its signatures.
     *
     * @return every signer that signed all of it, by fingerprint; empty if it is not signed
     * @throws Refusal if it was altered after it was signed, or only a part of it is signed, or it is damaged
     */
    public static Map<String, Signature> of(Path path) throws Refusal {
        String file = path.getFileName().toString();
        Map<String, Signature> signers = null;
        Optional<String> unsigned = Optional.empty();
        try (JarFile jar = new JarFile(path.toFile(), true)) {
            for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements();) {
                JarEntry entry = entries.nextElement();
                try (InputStream in = jar.getInputStream(entry)) {
                    in.transferTo(OutputStream.nullOutputStream());
                }
                if (!entry.isDirectory() && !isPartOfTheSignature(entry.getName())) {
                    Map<String, Signature> ofEntry = signers(entry.getCodeSigners());
                    if (ofEntry.isEmpty()) {
                        unsigned = unsigned.or(() -> Optional.of(entry.getName()));
                    }
                    if (signers == null) {
                        signers = ofEntry;
                    } else {
                        signers.keySet().retainAll(ofEntry.keySet());
                    }
                }
            }
            boolean claims = jar.stream().anyMatch(entry -> entry.getName().toUpperCase(Locale.ROOT)
                    .matches("META-INF/[^/]+\\.SF"));
            if (claims && unsigned.isPresent()) {
                throw new Refusal(
                        "%s was altered after it was signed: its signature does not cover %s".formatted(file,
                        unsigned.get()));
            }
            return signers == null ? Map.of() : signers;
        } catch (SecurityException e) {
            throw new Refusal("%s was altered after it was signed: %s".formatted(file, e.getMessage()));
        } catch (IOException e) {
            throw new Refusal("%s is damaged or no jar: %s".formatted(file, Home.reason(e)));
        }
    }

    private static boolean isPartOfTheSignature(String name) {
        return name.toUpperCase(Locale.ROOT)
                .matches("META-INF/([^/]+\\.(SF|RSA|DSA|EC)|SIG-[^/]*|MANIFEST\\.MF)");
    }

    private static Map<String, Signature> signers(CodeSigner[] signers) {
        var byFingerprint = new HashMap<String, Signature>();
        if (signers != null) {
            for (CodeSigner signer : signers) {
                Certificate certificate = signer.getSignerCertPath().getCertificates().getFirst();
                Signature signature = of(certificate);
                byFingerprint.put(signature.fingerprint, signature);
            }
        }
        return byFingerprint;
    }

    /** The signer with a certificate. */
    public static Signature of(Certificate certificate) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
            String name = certificate instanceof X509Certificate x509
                    ? x509.getSubjectX500Principal().getName()
                    : certificate.getType();
            return new Signature(HexFormat.ofDelimiter(":").withUpperCase().formatHex(digest), name);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(
                    "every Java has SHA-256 and encodes the certificates that it read", e);
        }
    }

    @Override
    public String toString() {
        return "%s (%s)".formatted(name, fingerprint);
    }
}
