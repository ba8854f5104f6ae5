package org.myclerk.core.session;

import java.util.random.RandomGenerator;

/** Who hands out session ids where sessions share an address (profile §3). */
@FunctionalInterface
interface SessionIds {

    /** One session per connection: any number but 0. */
    SessionIds PER_CONNECTION = random -> {
        int id;
        do {
            id = draw(random);
        } while (id == 0);
        return id;
    };

    /** A free id, 1..65535, unpredictable. */
    int next(RandomGenerator random);

    static int draw(RandomGenerator random) {
        byte[] two = new byte[2];
        random.nextBytes(two);
        return (two[0] & 0xFF) << 8 | two[1] & 0xFF;
    }
}
