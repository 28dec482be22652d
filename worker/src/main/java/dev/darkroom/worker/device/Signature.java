package dev.darkroom.worker.device;

import java.util.List;
import java.util.Optional;

/// What a graph declares of its inputs and outputs.
///
/// @param inputs every input, in the graph's order
/// @param outputs every output, in the graph's order
public record Signature(List<Port> inputs, List<Port> outputs) {
    /// Copies the lists.
    public Signature {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /// The input of this name.
    public Optional<Port> input(String name) {
        return inputs.stream().filter(port -> port.name().equals(name)).findFirst();
    }

    /// The output of this name.
    public Optional<Port> output(String name) {
        return outputs.stream().filter(port -> port.name().equals(name)).findFirst();
    }

    /// One input or output.
    ///
    /// @param name as the graph has it
    /// @param type element type
    /// @param dimensions sizes of the axes, −1 where any size will do; empty for a scalar
    public record Port(String name, ElementType type, List<Long> dimensions) {
        /// Copies the list.
        public Port {
            dimensions = List.copyOf(dimensions);
        }

        /// Whether it has no axes at all.
        public boolean scalar() {
            return dimensions.isEmpty();
        }
    }

    /// The element types that graphs may use; callers always use 32-bit floats and 64-bit integers,
    /// and the graph's runner converts.
    public enum ElementType {
        FLOAT32,
        FLOAT16,
        INT64,
        INT32,
        BOOL
    }
}
