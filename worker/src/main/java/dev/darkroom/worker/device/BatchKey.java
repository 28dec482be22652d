package dev.darkroom.worker.device;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.LongTensor;
import dev.darkroom.worker.tensor.Tensor;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/// What rows must have in common to share a run: the profile, and the content of every input that
/// has no batch axis, be it shared by the caller or a scalar by the graph's declaration.
///
/// @param profile graph and shapes
/// @param content a number, or a digest, for each input that is the same for all rows
record BatchKey(Profile profile, Map<String, String> content) {
    /// Copies the map.
    BatchKey {
        content = Map.copyOf(content);
    }

    /// The key of these rows.
    ///
    /// @throws IllegalArgumentException when the graph declares an input scalar and the rows differ
    ///   in it
    static BatchKey of(Evaluation evaluation) {
        Map<String, String> content = new TreeMap<>();
        evaluation.shared().forEach((name, tensor) -> content.put(name, digest(tensor)));
        for (Signature.Port port : evaluation.graph().signature().inputs()) {
            Tensor tensor = evaluation.inputs().get(port.name());
            if (port.scalar() && tensor != null) {
                content.put(port.name(), onlyValue(evaluation.graph(), port.name(), tensor));
            }
        }
        return new BatchKey(Profile.of(evaluation), content);
    }

    /// The graph.
    Graph graph() {
        return profile.graph();
    }

    private static String onlyValue(Graph graph, String name, Tensor tensor) {
        if (tensor.shape().rank() != 1) {
            throw new IllegalArgumentException(
                    graph.name()
                            + " takes one number as "
                            + name
                            + ", so each row must have one; got "
                            + tensor);
        }
        String first = element(tensor, 0);
        for (int row = 1; row < tensor.shape().elements(); row++) {
            String other = element(tensor, row);
            if (!other.equals(first)) {
                throw new IllegalArgumentException(
                        graph.name()
                                + " takes one "
                                + name
                                + " for all rows, got "
                                + first
                                + " and "
                                + other);
            }
        }
        return first;
    }

    private static String element(Tensor tensor, int index) {
        return switch (tensor) {
            case FloatTensor floats -> Float.toString(floats.get(index));
            case LongTensor longs -> Long.toString(longs.get(index));
        };
    }

    private static String digest(Tensor tensor) {
        int bytes =
                switch (tensor) {
                    case FloatTensor floats -> floats.shape().elements() * Float.BYTES;
                    case LongTensor longs -> longs.shape().elements() * Long.BYTES;
                };
        ByteBuffer copy = ByteBuffer.allocate(bytes);
        switch (tensor) {
            case FloatTensor floats -> copy.asFloatBuffer().put(floats.buffer());
            case LongTensor longs -> copy.asLongBuffer().put(longs.buffer());
        }
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(copy);
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
