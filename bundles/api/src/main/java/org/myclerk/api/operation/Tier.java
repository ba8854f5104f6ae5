package org.myclerk.api.operation;

/** A security tier (§2.3). Tiers compare by strength: a later constant protects more. */
public enum Tier {

    /** Tunnelled inside a session. */
    T0,
    /** Plaintext, four bytes. */
    T1,
    /** CRC-16; sealed inside a session with keys. */
    T2,
    /** ChaCha20-Poly1305 and HMAC-32. */
    T3,
    /** Like tier 3 with HMAC-64 and a key id. */
    T4,
    /** Like tier 4 with HMAC-256. */
    T5;

    /** The number on the wire, 0..5. */
    public int number() {
        return ordinal();
    }

    /** The tier of a number, or {@code null} if no tier has it. */
    public static Tier of(int number) {
        return number < 0 || number > 5 ? null : values()[number];
    }

    public boolean below(Tier other) {
        return compareTo(other) < 0;
    }

    /** The stronger of two tiers. */
    public Tier atLeast(Tier floor) {
        return below(floor) ? floor : this;
    }

    /** The weaker of two tiers. */
    public Tier atMost(Tier ceiling) {
        return ceiling.below(this) ? ceiling : this;
    }

    @Override
    public String toString() {
        return "tier " + number();
    }
}
