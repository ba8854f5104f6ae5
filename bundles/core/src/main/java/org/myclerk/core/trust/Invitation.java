package org.myclerk.core.trust;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

import org.myclerk.api.operation.ProtocolException.Malformed;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.PayloadCodec;
import org.myclerk.api.payload.Range;
import org.myclerk.api.payload.Size;
import org.myclerk.api.transport.Endpoint;
import org.myclerk.core.crypto.KeySchedule;
import org.myclerk.core.crypto.Secret;

/**
 * What one person shows another, as a QR code or one line of text, so that a node can join (profile §10). It
 * is a secret until it is used: nothing of it may be logged.
 *
 * @param root Ed25519 public key of the family's root, 32 bytes
 * @param psk 32 bytes
 * @param expires Unix seconds
 * @param at where the inviting node is reached, as {@link Endpoint#toString} writes it
 */
public record Invitation(Bytes root, Secret psk, long expires, List<String> at) {

    private static final PayloadCodec<Body> CODEC = PayloadCodec.of(Body.class);

    /** The map inside the text. */
    public record Body(@Range(max = 0) int v, @Size(min = 32, max = 32) Bytes root,
            @Size(min = 32, max = 32) Bytes psk, @Range long exp, List<String> at) {
    }

    public Invitation {
        at = List.copyOf(at);
    }

    /**
     * Reads the text, with or without padding and with white space around it.
     *
     * @throws Refused if it is no invitation, with a sentence for people that quotes nothing of it
     */
    public static Invitation parse(String text) throws Refused {
        String line = text.strip();
        try {
            byte[] map = Base64.getUrlDecoder().decode(line);
            if (!encoded(map).equals(line.replaceFirst("={1,2}$", ""))) {
                throw new IllegalArgumentException("unused bits are set");
            }
            Body body = Maps.read(CODEC, Bytes.wrap(map), "invitation");
            return new Invitation(body.root, Secret.wrap(body.psk.toArray()), body.exp, body.at);
        } catch (IllegalArgumentException | Malformed wrong) {
            throw Refused.badRequest(
                    "this is no invitation; copy the whole line that \"myclerk invite\" printed");
        }
    }

    /**
     * Whether a time is one at which it may have been made and has not run out: it lasts 15 minutes at most.
     */
    public boolean bearsOut(long time) {
        return time <= expires && time >= expires - HomeFamily.LONGEST_INVITATION - TrustedClock.TOLERANCE;
    }

    /** One line of base64url without padding. */
    public String text() {
        byte[] map = Maps.write(CODEC, new Body(0, root, Bytes.wrap(psk.bytes().clone()), expires, at))
                .toArray();
        return encoded(map);
    }

    /** 8 bytes. */
    public Bytes pskId() {
        return Bytes.wrap(KeySchedule.pskId(psk));
    }

    /** 16 bytes. */
    public Bytes family() {
        return Bytes.wrap(KeySchedule.familyId(root.toArray()));
    }

    /** The addresses in {@link #at} that can be read; a newer node may name others. */
    public List<Endpoint> endpoints() {
        List<Endpoint> endpoints = new ArrayList<>();
        for (String address : at) {
            try {
                endpoints.add(Endpoint.parse(address));
            } catch (IllegalArgumentException unknownForm) {
                continue;
            }
        }
        return endpoints;
    }

    private static String encoded(byte[] map) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(map);
    }
}
