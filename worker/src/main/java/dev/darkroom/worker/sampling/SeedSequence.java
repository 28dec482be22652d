package dev.darkroom.worker.sampling;

/// Seeds for the nodes of a tree, made from one seed: the first word of NumPy's `SeedSequence` with
/// a pool of 24 words.
///
/// Source: O'Neill 2015, "Developing a seed_seq Alternative"; NumPy's `random/bit_generator.pyx`.
///
/// Mutable scratch: one thread owns a sequence at a time. Allocates when it is made, and never
/// after.
final class SeedSequence {
    private static final int POOL = 24;
    private static final int INIT_A = 0x43b0d7e5;
    private static final int MULT_A = 0x931e8875;
    private static final int INIT_B = 0x8b51f9dd;
    private static final int MULT_B = 0x58f38ded;
    private static final int MIX_LEFT = 0xca01f9dd;
    private static final int MIX_RIGHT = 0x4973f715;

    private final int[] pool = new int[POOL];
    private int hash;

    /// The first word of the sequence of `seed`, unsigned.
    int word(long seed) {
        fill(seed);
        return firstWord();
    }

    /// The first word of the child of `seed` at place `key` of this depth.
    int word(long seed, long key, int depth) {
        fill(seed);
        stir((int) key);
        if (key >>> Integer.SIZE != 0) {
            stir((int) (key >>> Integer.SIZE));
        }
        stir(depth);
        return firstWord();
    }

    private void fill(long seed) {
        hash = INIT_A;
        for (int i = 0; i < POOL; i++) {
            pool[i] =
                    switch (i) {
                        case 0 -> hashed((int) seed);
                        case 1 -> hashed((int) (seed >>> Integer.SIZE));
                        default -> hashed(0);
                    };
        }
        for (int from = 0; from < POOL; from++) {
            for (int to = 0; to < POOL; to++) {
                if (from != to) {
                    pool[to] = mixed(pool[to], hashed(pool[from]));
                }
            }
        }
    }

    private void stir(int word) {
        for (int to = 0; to < POOL; to++) {
            pool[to] = mixed(pool[to], hashed(word));
        }
    }

    private int hashed(int word) {
        int value = word ^ hash;
        hash *= MULT_A;
        value *= hash;
        return value ^ (value >>> 16);
    }

    private static int mixed(int left, int right) {
        int value = MIX_LEFT * left - MIX_RIGHT * right;
        return value ^ (value >>> 16);
    }

    private int firstWord() {
        hash = INIT_B;
        int value = pool[0] ^ hash;
        hash *= MULT_B;
        value *= hash;
        return value ^ (value >>> 16);
    }
}
