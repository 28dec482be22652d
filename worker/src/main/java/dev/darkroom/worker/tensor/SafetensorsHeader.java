package dev.darkroom.worker.tensor;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What the header of a `.safetensors` file says, word for word; nothing is checked against the
/// file.
///
/// @param metadata free text by name
/// @param tensors in the order of the header, no two of one name
record SafetensorsHeader(Map<String, String> metadata, List<Tensor> tensors) {
    private static final String METADATA = "__metadata__";

    /// Copies both.
    SafetensorsHeader {
        metadata = Map.copyOf(metadata);
        tensors = List.copyOf(tensors);
    }

    /// One tensor.
    ///
    /// @param name unique
    /// @param type for example `F32`
    /// @param shape sizes, 0 or more
    /// @param begin its first byte in the data
    /// @param end the byte behind its last, not before `begin`
    record Tensor(String name, String type, List<Long> shape, long begin, long end) {
        /// Copies the shape.
        Tensor {
            shape = List.copyOf(shape);
        }
    }

    /// Reads a header.
    ///
    /// @throws IllegalArgumentException when it is not one: says where
    static SafetensorsHeader parse(String json) {
        Parser parser = new Parser(json);
        SafetensorsHeader header = parser.header();
        parser.end();
        return header;
    }

    /// Reads the little of JSON that headers are made of: objects, texts, and lists of natural
    /// numbers. Nothing nests, so that no header can exhaust the stack.
    private static final class Parser {
        private final String text;
        private int at;

        Parser(String text) {
            this.text = text;
        }

        SafetensorsHeader header() {
            Map<String, String> metadata = new LinkedHashMap<>();
            List<Tensor> tensors = new ArrayList<>();
            object(name -> {
                if (name.equals(METADATA)) {
                    object(key -> metadata.put(key, string()));
                } else {
                    tensors.add(tensor(name));
                }
            });
            return new SafetensorsHeader(metadata, tensors);
        }

        private Tensor tensor(String name) {
            Map<String, String> type = new LinkedHashMap<>();
            Map<String, List<Long>> numbers = new LinkedHashMap<>();
            object(key -> {
                switch (key) {
                    case "dtype" -> type.put(key, string());
                    case "shape", "data_offsets" -> numbers.put(key, numbers());
                    default -> throw wrong("dtype, shape or data_offsets");
                }
            });
            List<Long> offsets = numbers.getOrDefault("data_offsets", List.of());
            if (type.isEmpty() || !numbers.containsKey("shape") || offsets.size() != 2) {
                throw new IllegalArgumentException(
                        name + " lacks one of dtype, shape and two data_offsets");
            }
            if (offsets.get(0) > offsets.get(1)) {
                throw new IllegalArgumentException(name + " has the data_offsets " + offsets);
            }
            return new Tensor(
                    name,
                    type.values().iterator().next(),
                    numbers.getOrDefault("shape", List.of()),
                    offsets.get(0),
                    offsets.get(1));
        }

        /// Reads the value of a field whose name was read.
        private interface Value {
            void read(String name);
        }

        private void object(Value value) {
            take('{');
            Set<String> names = new HashSet<>();
            if (next() == '}') {
                at++;
                return;
            }
            while (true) {
                String name = string();
                if (!names.add(name)) {
                    throw new IllegalArgumentException("its header says " + name + " twice");
                }
                take(':');
                value.read(name);
                if (next() == '}') {
                    at++;
                    return;
                }
                take(',');
            }
        }

        private List<Long> numbers() {
            take('[');
            List<Long> numbers = new ArrayList<>();
            if (next() == ']') {
                at++;
                return numbers;
            }
            while (true) {
                numbers.add(number());
                if (next() == ']') {
                    at++;
                    return numbers;
                }
                take(',');
            }
        }

        private long number() {
            next();
            int from = at;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                at++;
            }
            try {
                return Long.parseLong(text, from, at, 10);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        "its header has no number of at most 63 bits at character " + from, e);
            }
        }

        private String string() {
            take('"');
            StringBuilder read = new StringBuilder();
            while (true) {
                char c = character();
                switch (c) {
                    case '"' -> {
                        return read.toString();
                    }
                    case '\\' -> read.append(escaped());
                    default -> {
                        if (c < ' ') {
                            throw wrong("no control character");
                        }
                        read.append(c);
                    }
                }
            }
        }

        private char escaped() {
            char c = character();
            return switch (c) {
                case '"', '\\', '/' -> c;
                case 'b' -> '\b';
                case 'f' -> '\f';
                case 'n' -> '\n';
                case 'r' -> '\r';
                case 't' -> '\t';
                case 'u' -> {
                    int code = 0;
                    for (int i = 0; i < 4; i++) {
                        int digit = Character.digit(character(), 16);
                        if (digit < 0) {
                            throw wrong("four hexadecimal digits");
                        }
                        code = code * 16 + digit;
                    }
                    yield (char) code;
                }
                default -> throw wrong("an escape that JSON knows");
            };
        }

        private char character() {
            if (at == text.length()) {
                throw wrong("more");
            }
            return text.charAt(at++);
        }

        /// The next character that is no space, which stays to be read; 0 at the end.
        private char next() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            return at < text.length() ? text.charAt(at) : 0;
        }

        private void take(char wanted) {
            if (next() != wanted) {
                throw wrong("'" + wanted + "'");
            }
            at++;
        }

        /// Refuses what follows the header; padding with spaces is usual.
        void end() {
            if (next() != 0 || at < text.length()) {
                throw wrong("its end");
            }
        }

        private IllegalArgumentException wrong(String wanted) {
            return new IllegalArgumentException(
                    "its header has not " + wanted + " at character " + at);
        }
    }
}
