package org.myclerk.api.node;

import java.util.List;

/** The roles a certificate can carry (profile §10). */
public final class Roles {

    public static final String ADMIN = "admin";
    public static final String HUB = "hub";
    public static final String MEMBER = "member";
    public static final String CHILD = "child";
    public static final String GUEST = "guest";
    /** Of a session in pairing; never in a certificate. */
    public static final String JOINING = "joining";

    /** Of an operator of this node's own home, beside {@code admin}; never in a certificate. */
    public static final String OWNER = "owner";

    /** Those an invitation can give. */
    public static final List<String> GRANTABLE = List.of(ADMIN, HUB, MEMBER, CHILD, GUEST);

    private Roles() {
    }
}
