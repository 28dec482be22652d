package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/// The source of randomness of one output: the reference's CPU generator, so that a seed means the
/// same picture there and here.
///
/// A Mersenne Twister 19937 (Matsumoto and Nishimura 1998) with the normal transform of PyTorch's
/// `aten/src/ATen/native/cpu/DistributionTemplates.h` and `ATen/core/DistributionsHelper.h`. How
/// many words a draw takes depends on how many values are asked for at once, so the same calls in
/// the same order are part of the contract.
///
/// Mutable and not synchronised: one thread owns a generator at a time.
public final class NoiseGenerator {
    private static final int WORDS = 624;
    private static final int MIDDLE = 397;

    /// Values that one step of the block transform makes: eight radii and eight angles.
    private static final int BLOCK = 16;

    private static final double TWO_PI = 2 * Math.PI;

    // All mutable state.
    private long seed;
    private final int[] words;
    private int next;
    private boolean hasCachedNormal;
    private double cachedNormal;

    private NoiseGenerator(long seed, int[] words, int next) {
        this.seed = seed;
        this.words = words;
        this.next = next;
    }

    /// A generator at the start of the sequence of `seed`, of which only the low 32 bits count for
    /// its draws.
    public static NoiseGenerator ofSeed(long seed) {
        int[] words = new int[WORDS];
        fill(words, (int) seed);
        return new NoiseGenerator(seed, words, WORDS);
    }

    private static void fill(int[] words, int seed) {
        words[0] = seed;
        for (int i = 1; i < WORDS; i++) {
            words[i] = 1812433253 * (words[i - 1] ^ (words[i - 1] >>> 30)) + i;
        }
    }

    /// The seed that the sequence began with, all 64 bits of it.
    public long seed() {
        return seed;
    }

    /// Goes to the start of the sequence of `other`.
    void reseed(int other) {
        seed = Integer.toUnsignedLong(other);
        fill(words, other);
        next = WORDS;
        hasCachedNormal = false;
    }

    /// A generator that goes on where the one that `state` was taken from stood.
    public static NoiseGenerator ofState(State state) {
        ByteBuffer bytes = ByteBuffer.wrap(state.bytes);
        int[] words = new int[WORDS];
        bytes.asIntBuffer().get(words);
        bytes.position(WORDS * Integer.BYTES);
        int next = bytes.getInt();
        boolean cached = bytes.get() != 0;
        double normal = bytes.getDouble();
        NoiseGenerator generator = new NoiseGenerator(bytes.getLong(), words, next);
        generator.hasCachedNormal = cached;
        generator.cachedNormal = normal;
        return generator;
    }

    /// A copy of everything that decides the next draws.
    public State state() {
        ByteBuffer bytes = ByteBuffer.allocate(State.BYTES);
        bytes.asIntBuffer().put(words);
        bytes.position(WORDS * Integer.BYTES);
        bytes.putInt(next);
        bytes.put((byte) (hasCachedNormal ? 1 : 0));
        bytes.putDouble(cachedNormal);
        bytes.putLong(seed);
        return new State(bytes.array());
    }

    /// Fills `into` with uniform values in 0 (included) to 1 (excluded), 24 random bits each.
    public void uniform(FloatTensor into) {
        int size = into.shape().elements();
        for (int i = 0; i < size; i++) {
            into.set(i, uniformFloat());
        }
    }

    /// Fills `into` with standard normal values.
    ///
    /// Sixteen and more are transformed in blocks of sixteen; where the size is no multiple of
    /// sixteen, the last sixteen are drawn anew. Fewer are drawn in pairs, in double precision, and
    /// a second value that is not needed now is kept for the next such call.
    public void normal(FloatTensor into) {
        int size = into.shape().elements();
        if (size < BLOCK) {
            for (int i = 0; i < size; i++) {
                into.set(i, (float) pairedNormal());
            }
            return;
        }
        uniform(into);
        for (int block = 0; block + BLOCK <= size; block += BLOCK) {
            transform(into, block);
        }
        if (size % BLOCK != 0) {
            for (int i = size - BLOCK; i < size; i++) {
                into.set(i, uniformFloat());
            }
            transform(into, size - BLOCK);
        }
    }

    /// Fills `into` with standard normal values of double precision, by the same rules with 53
    /// random bits each.
    public void normal(double[] into) {
        int size = into.length;
        if (size < BLOCK) {
            for (int i = 0; i < size; i++) {
                into[i] = pairedNormal();
            }
            return;
        }
        for (int i = 0; i < size; i++) {
            into[i] = uniformDouble();
        }
        for (int block = 0; block + BLOCK <= size; block += BLOCK) {
            transform(into, block);
        }
        if (size % BLOCK != 0) {
            for (int i = size - BLOCK; i < size; i++) {
                into[i] = uniformDouble();
            }
            transform(into, size - BLOCK);
        }
    }

    /// Box and Muller's transform of sixteen uniform values: the first eight give radii, the last
    /// angles.
    private static void transform(FloatTensor values, int from) {
        for (int i = from; i < from + BLOCK / 2; i++) {
            float u = 1 - values.get(i);
            float radius = (float) Math.sqrt(-2 * (float) Math.log(u));
            float angle = (float) TWO_PI * values.get(i + BLOCK / 2);
            values.set(i, radius * (float) Math.cos(angle));
            values.set(i + BLOCK / 2, radius * (float) Math.sin(angle));
        }
    }

    private static void transform(double[] values, int from) {
        for (int i = from; i < from + BLOCK / 2; i++) {
            double radius = Math.sqrt(-2 * Math.log(1 - values[i]));
            double angle = TWO_PI * values[i + BLOCK / 2];
            values[i] = radius * Math.cos(angle);
            values[i + BLOCK / 2] = radius * Math.sin(angle);
        }
    }

    private double pairedNormal() {
        if (hasCachedNormal) {
            hasCachedNormal = false;
            return cachedNormal;
        }
        double angle = TWO_PI * uniformDouble();
        double radius = Math.sqrt(-2 * Math.log1p(-uniformDouble()));
        hasCachedNormal = true;
        cachedNormal = radius * Math.sin(angle);
        return radius * Math.cos(angle);
    }

    private float uniformFloat() {
        return (nextWord() & 0xFFFFFF) * 0x1p-24f;
    }

    private double uniformDouble() {
        long high = Integer.toUnsignedLong(nextWord());
        long low = Integer.toUnsignedLong(nextWord());
        return (((high << 32) | low) & ((1L << 53) - 1)) * 0x1p-53;
    }

    private int nextWord() {
        if (next == WORDS) {
            twist();
        }
        int word = words[next++];
        word ^= word >>> 11;
        word ^= (word << 7) & 0x9D2C5680;
        word ^= (word << 15) & 0xEFC60000;
        return word ^ (word >>> 18);
    }

    private void twist() {
        for (int i = 0; i < WORDS; i++) {
            int mixed = (words[i] & 0x80000000) | (words[(i + 1) % WORDS] & 0x7FFFFFFF);
            int twisted = (mixed >>> 1) ^ ((mixed & 1) == 0 ? 0 : 0x9908B0DF);
            words[i] = words[(i + MIDDLE) % WORDS] ^ twisted;
        }
        next = 0;
    }

    /// Everything that decides a generator's next draws: the twister's words, the position among
    /// them and the cached normal; and the seed. An immutable value that can be written as bytes
    /// and read back bit for bit.
    public static final class State {
        /// The length of the byte form.
        public static final int BYTES =
                WORDS * Integer.BYTES + Integer.BYTES + 1 + Double.BYTES + Long.BYTES;

        private final byte[] bytes;

        private State(byte[] bytes) {
            this.bytes = bytes;
        }

        /// The state that [#toBytes] gave these bytes for.
        ///
        /// @throws IllegalArgumentException when they are none
        public static State ofBytes(byte[] bytes) {
            if (bytes.length != BYTES) {
                throw new IllegalArgumentException(
                        "a generator's state has " + BYTES + " bytes, got " + bytes.length);
            }
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            int position = buffer.getInt(WORDS * Integer.BYTES);
            int cached = buffer.get((WORDS + 1) * Integer.BYTES);
            if (position < 0 || position > WORDS || cached < 0 || cached > 1) {
                throw new IllegalArgumentException(
                        "not a generator's state: position "
                                + position
                                + " (0 to "
                                + WORDS
                                + "), cached normals "
                                + cached
                                + " (0 or 1)");
            }
            return new State(bytes.clone());
        }

        /// The byte form: 624 words, position, whether a normal is cached, that normal, and the
        /// seed, all big-endian.
        public byte[] toBytes() {
            return bytes.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof State state && Arrays.equals(bytes, state.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }

        /// The first words in hexadecimal; enough to tell two states apart in a log.
        @Override
        public String toString() {
            return "State[" + HexFormat.of().formatHex(bytes, 0, BLOCK) + "…]";
        }
    }
}
