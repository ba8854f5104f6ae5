package org.myclerk.api.node;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import org.myclerk.api.operation.Caller;
import org.myclerk.api.operation.ProtocolException.Refused;
import org.myclerk.api.payload.Bytes;
import org.myclerk.api.payload.Size;
import org.myclerk.api.transport.Endpoint;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The family this node belongs to: certificates, invitations, revocation (§1.2, profile §10). Thread-safe. A
 * secret given as {@code char[]} is overwritten by the callee.
 */
@ProviderType
public interface Family {

    /**
     * What can be told of the family; also a payload.
     *
     * @param id 16 bytes
     * @param rootHere whether this node has the root key
     * @param rootLocked whether the root key is under a passphrase
     * @param certificateExpires Unix seconds
     * @param revocations number of the revocation list in force, 0 if none
     */
    record State(@Size(min = 16, max = 16) Bytes id, boolean rootHere, boolean rootLocked, Bytes node,
            String name,
            List<String> roles, long certificateExpires, long revocations, List<Member> members) {
    }

    /** A certificate that this node issued or saw. */
    record Member(Bytes id, String name, List<String> roles, long serial, long expires, boolean revoked) {
    }

    /**
     * What a node gets that registers, also a payload: its certificate, and the family's PSK if there is one.
     */
    record Enrolment(Bytes cert, Optional<Bytes> psk) {
    }

    State state();

    /**
     * Makes an invitation: one use, at most 15 minutes.
     *
     * @param at where this node is reached; empty for the addresses it listens on
     * @param passphrase of the root key, empty if it has none
     * @return the text that the other person enters
     */
    String invite(String role, Duration lifetime, List<Endpoint> at, Optional<char[]> passphrase)
            throws Refused;

    /**
     * Joins another family with an invitation. Refused if this node's family has another member.
     *
     * @param name for this node, empty to keep its name
     */
    State join(String invitation, Optional<String> name) throws Refused, IOException, InterruptedException;

    /**
     * Certifies the caller (CLIENT_REGISTER): a node that is joining with the role its invitation gives, an
     * enrolled one anew.
     */
    Enrolment enrol(Caller caller, Optional<String> name) throws Refused;

    /** Takes the answer to this node's own CLIENT_REGISTER in an ordinary session: its certificate anew. */
    void renewed(Enrolment enrolment) throws Refused;

    /** Whether two thirds of this node's certificate have passed and it is time to ask for another. */
    boolean renewalDue();

    /** Revokes a node's certificates and ends its sessions. The node is named as in {@link Node#peer}. */
    void revoke(String nameOrId, Optional<char[]> passphrase) throws Refused;

    /** Puts the root key under a passphrase, or changes it; an empty new one removes it. */
    void passphrase(Optional<char[]> current, Optional<char[]> next) throws Refused;

    /** The 32-byte root seed, to be kept offline. */
    Bytes exportRoot(Optional<char[]> passphrase) throws Refused;

    /** Removes the root key from this node; it can be put back with {@link #importRoot}. */
    void forgetRoot(Optional<char[]> passphrase) throws Refused;

    void importRoot(Bytes seed) throws Refused;

    /**
     * Writes everything that makes this node into one file, keys included, readable by its owner only.
     *
     * @throws IOException if the file exists or cannot be written, with a sentence for people
     */
    void backup(Path file) throws IOException;
}
