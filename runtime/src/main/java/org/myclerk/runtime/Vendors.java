package org.myclerk.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;

/**
 * Whose bundles may be installed from outside of the distribution: signed by a certificate whose fingerprint
 * an administrator accepted once, kept in {@code vendors.json} of the home. A bundle is trusted code; Java
 * has no sandbox.
 */
final class Vendors {

    /** Codes of vendors (profile §16). */
    private static final int FIRST = 0xF000;
    private static final int LAST = 0xFFFE;

    /** Beginning of the symbolic names that serve ranges of the draft. */
    private static final String OURS = "org.myclerk.";

    private final Path file;

    Vendors(Path home) {
        this.file = home.resolve("vendors.json");
    }

    /** What an administrator called the vendors that are trusted, by fingerprint. */
    Map<String, String> trusted() throws Refusal {
        var trusted = new TreeMap<String, String>();
        if (Files.exists(file)) {
            JsonObject object = Feature.object(file);
            object.keySet().forEach(fingerprint -> trusted.put(fingerprint,
                    object.getString(fingerprint, "")));
        }
        return trusted;
    }

    /** Trusts a vendor from now on. */
    void trust(String fingerprint, String name) throws Refusal, IOException {
        Map<String, String> trusted = trusted();
        trusted.put(canonical(fingerprint), name);
        write(trusted);
    }

    /** Trusts a vendor no more; what is installed of it stays. */
    void distrust(String fingerprint) throws Refusal, IOException {
        Map<String, String> trusted = trusted();
        if (trusted.remove(canonical(fingerprint)) == null) {
            throw new Refusal("no vendor with the fingerprint %s is trusted".formatted(
                    canonical(fingerprint)));
        }
        write(trusted);
    }

    private void write(Map<String, String> trusted) throws IOException {
        JsonObjectBuilder object = Json.createObjectBuilder();
        trusted.forEach(object::add);
        Durable.write(file, object.build());
    }

    private static String canonical(String fingerprint) throws Refusal {
        String digits = fingerprint.replaceAll("[:\\s]", "").toUpperCase(Locale.ROOT);
        if (!digits.matches("[0-9A-F]{64}")) {
            throw new Refusal(
                    "a fingerprint is the SHA-256 of a certificate, 64 hexadecimal digits, not \"%s\""
                    .formatted(fingerprint));
        }
        return digits.replaceAll("(..)(?=.)", "$1:");
    }

    /**
     * Checks a bundle from outside.
     *
     * @param before the bundle that it would replace
     * @param unsignedToo whether an administrator allows it without a trusted signature
     * @return who signed it, if one that is trusted did
     * @throws Refusal if it is altered, not signed by a trusted vendor, or takes what is not a vendor's
     */
    Optional<Signature> check(BundleFile bundle, Optional<Path> before, boolean unsignedToo) throws Refusal {
        String name = bundle.path().getFileName().toString();
        Map<String, Signature> signers = Signature.of(bundle.path());
        Map<String, String> trusted = trusted();
        Optional<Signature> signer = signers.values().stream()
                .filter(each -> trusted.containsKey(each.fingerprint())).findFirst();
        if (signer.isEmpty() && !unsignedToo) {
            throw new Refusal(signers.isEmpty()
                    ? "%s is not signed; if you know where it comes from, install it with --allow-unsigned"
                            .formatted(name)
                    : "%s is signed by %s, who is not trusted here; if that is the vendor's fingerprint: "
                            .formatted(name, signers.values().iterator().next().name()) + "myclerk features trust "
                            + signers.keySet().iterator().next());
        }
        if (before.isPresent()) {
            Map<String, Signature> old = Signature.of(before.get());
            if (!old.isEmpty() && signers.keySet().stream().noneMatch(old::containsKey)) {
                throw new Refusal("%s would replace a bundle that %s signed; remove that first".formatted(
                        name, old.values().iterator().next()));
            }
        }
        for (BundleFile.Range range : bundle.ranges()) {
            if (!bundle.symbolicName().startsWith(OURS) && (range.first() < FIRST || range.last() > LAST)) {
                throw new Refusal("%s serves %s; a vendor's operations lie in 0x%04X-0x%04X".formatted(
                        bundle.label(),
                        range, FIRST, LAST));
            }
        }
        return signer;
    }
}
