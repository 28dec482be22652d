package dev.darkroom.worker.text;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// A SentencePiece model as its file has it: `sentencepiece_model.proto`, the fields that decide
/// how a text is divided.
///
/// @param pieces the vocabulary, whose ids are their positions
/// @param special the texts of the pieces that are no text: control and user-defined ones
/// @param unknown the id for what no piece stands for
/// @param normalizer what is done to a text first
record SentencePieceFile(
        List<Unigram.Piece> pieces,
        List<String> special,
        int unknown,
        UnaryOperator<String> normalizer) {
    private static final int MODEL_PIECE = 1;
    private static final int MODEL_TRAINER = 2;
    private static final int MODEL_NORMALIZER = 3;
    private static final int PIECE_TEXT = 1;
    private static final int PIECE_SCORE = 2;
    private static final int PIECE_TYPE = 3;
    private static final int TRAINER_TYPE = 3;
    private static final int TRAINER_BYTE_FALLBACK = 35;
    private static final int TRAINER_UNKNOWN = 40;
    private static final int NORMALIZER_MAP = 2;

    private static final int UNIGRAM = 1;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;

    /// Copies the lists.
    SentencePieceFile {
        pieces = List.copyOf(pieces);
        special = List.copyOf(special);
    }

    /// Reads a file.
    ///
    /// @throws TokenizerException when it cannot be read, is no such model, or one of a kind that
    ///   is not built
    static SentencePieceFile read(Path file) {
        try {
            return new Reader(file).read(ByteBuffer.wrap(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw new TokenizerException("cannot read " + file, e);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new TokenizerException(file + " is no SentencePiece model", e);
        }
    }

    /// What has been read so far.
    private static final class Reader {
        private final Path file;
        private final List<Unigram.Piece> pieces = new ArrayList<>();
        private final List<String> special = new ArrayList<>();
        private int unknown;
        private UnaryOperator<String> normalizer = UnaryOperator.identity();

        Reader(Path file) {
            this.file = file;
        }

        SentencePieceFile read(ByteBuffer model) {
            model.order(ByteOrder.LITTLE_ENDIAN);
            while (model.hasRemaining()) {
                Tag tag = Tag.next(model);
                switch (tag.field) {
                    case MODEL_PIECE -> piece(tag.message(model));
                    case MODEL_TRAINER -> trainer(tag.message(model));
                    case MODEL_NORMALIZER -> normalizer(tag.message(model));
                    default -> tag.skip(model);
                }
            }
            if (pieces.isEmpty() || unknown >= pieces.size()) {
                throw new TokenizerException(file + " is no SentencePiece model");
            }
            return new SentencePieceFile(pieces, special, unknown, normalizer);
        }

        private void piece(ByteBuffer message) {
            String text = "";
            float score = 0;
            long type = 1;
            while (message.hasRemaining()) {
                Tag tag = Tag.next(message);
                switch (tag.field) {
                    case PIECE_TEXT ->
                            text = StandardCharsets.UTF_8.decode(tag.message(message)).toString();
                    case PIECE_SCORE -> score = message.getFloat();
                    case PIECE_TYPE -> type = Tag.varint(message);
                    default -> tag.skip(message);
                }
            }
            pieces.add(new Unigram.Piece(text, score));
            if (type == CONTROL || type == USER_DEFINED) {
                special.add(text);
            }
        }

        private void trainer(ByteBuffer message) {
            while (message.hasRemaining()) {
                Tag tag = Tag.next(message);
                switch (tag.field) {
                    case TRAINER_TYPE ->
                            refuseUnless(
                                    Tag.varint(message) == UNIGRAM, "model_type", "1 (unigram)");
                    case TRAINER_BYTE_FALLBACK ->
                            refuseUnless(Tag.varint(message) == 0, "byte_fallback", "false");
                    case TRAINER_UNKNOWN -> unknown = Math.toIntExact(Tag.varint(message));
                    default -> tag.skip(message);
                }
            }
        }

        private void normalizer(ByteBuffer message) {
            while (message.hasRemaining()) {
                Tag tag = Tag.next(message);
                if (tag.field == NORMALIZER_MAP) {
                    ByteBuffer map = tag.message(message);
                    byte[] bytes = new byte[map.remaining()];
                    map.get(bytes);
                    normalizer = bytes.length == 0 ? normalizer : new Charsmap(bytes);
                } else {
                    tag.skip(message);
                }
            }
        }

        private void refuseUnless(boolean holds, String field, String legal) {
            if (!holds) {
                throw new TokenizerException(file + " has another " + field + "; legal: " + legal);
            }
        }
    }

    /// What comes next in a message: its field's number and how it is written.
    private record Tag(int field, int wireType) {
        private static final int VARINT = 0;
        private static final int FIXED64 = 1;
        private static final int LENGTH_DELIMITED = 2;
        private static final int FIXED32 = 5;

        static Tag next(ByteBuffer message) {
            long tag = varint(message);
            return new Tag(Math.toIntExact(tag >>> 3), (int) tag & 7);
        }

        static long varint(ByteBuffer message) {
            long value = 0;
            for (int shift = 0; shift < Long.SIZE; shift += 7) {
                int next = message.get();
                value |= (next & 0x7FL) << shift;
                if (next >= 0) {
                    return value;
                }
            }
            throw new IllegalArgumentException("a number is too long");
        }

        /// The bytes of this field, as a buffer of their own.
        ByteBuffer message(ByteBuffer outer) {
            if (wireType != LENGTH_DELIMITED) {
                throw new IllegalArgumentException("field " + field + " is no message");
            }
            int length = length(outer, varint(outer));
            ByteBuffer inner = outer.slice(outer.position(), length).order(ByteOrder.LITTLE_ENDIAN);
            outer.position(outer.position() + length);
            return inner;
        }

        void skip(ByteBuffer message) {
            long bytes =
                    switch (wireType) {
                        case VARINT -> {
                            varint(message);
                            yield 0;
                        }
                        case FIXED64 -> Long.BYTES;
                        case LENGTH_DELIMITED -> varint(message);
                        case FIXED32 -> Integer.BYTES;
                        default -> throw new IllegalArgumentException("no wire type " + wireType);
                    };
            message.position(message.position() + length(message, bytes));
        }

        private static int length(ByteBuffer message, long bytes) {
            if (bytes < 0 || bytes > message.remaining()) {
                throw new IllegalArgumentException("a field is longer than its message");
            }
            return (int) bytes;
        }
    }
}
