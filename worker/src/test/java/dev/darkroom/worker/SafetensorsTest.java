package dev.darkroom.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.darkroom.worker.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
    @Test
    void readsShapesTypesAndMetadata(@TempDir Path folder) throws IOException {
        String header =
                """
                {"__metadata__":{"by":"hand"},
                 "a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},
                 "b":{"dtype":"F64","shape":[1],"data_offsets":[8,16]}}\
                """;
        byte[] headerBytes = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer file =
                ByteBuffer.allocate(Long.BYTES + headerBytes.length + 16)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(headerBytes.length)
                        .put(headerBytes)
                        .putFloat(1.5f)
                        .putFloat(-2)
                        .putDouble(0.1);
        Path path = Files.write(folder.resolve("x.safetensors"), file.array());

        Safetensors read = Safetensors.read(path);

        assertThat(read.names()).containsExactly("a", "b");
        assertThat(read.metadata()).containsEntry("by", "hand");
        assertThat(read.floats("a").shape()).isEqualTo(Shape.of(2, 1));
        assertThat(read.floats("a").toArray()).containsExactly(1.5f, -2);
        assertThat(read.doubles("a")).containsExactly(1.5, -2);
        assertThat(read.doubles("b")).containsExactly(0.1);
        assertThatIllegalArgumentException().isThrownBy(() -> read.floats("b"));
        assertThatIllegalArgumentException().isThrownBy(() -> read.doubles("c"));
    }
}
