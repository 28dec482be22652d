package dev.darkroom.worker.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
    @TempDir Path folder;

    @Test
    void readsShapesTypesAndMetadata() throws IOException {
        ByteBuffer data = bytes(24).putFloat(1.5f).putFloat(-2).putDouble(0.1).putLong(7);
        Safetensors read =
                Safetensors.read(
                        file(
                                """
                                {"__metadata__":{"by":"hand","quoted":"{\\"a\\": \\"\\u00e9\\n\\"}"},
                                 "a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},
                                 "c":{"dtype":"I64","shape":[],"data_offsets":[16,24]},
                                 "b":{"data_offsets":[8,16],"shape":[1],"dtype":"F64"}}  \
                                """,
                                data));

        assertThat(read.names()).containsExactly("a", "b", "c");
        assertThat(read.metadata())
                .containsEntry("by", "hand")
                .containsEntry("quoted", "{\"a\": \"é\n\"}");
        assertThat(read.floats("a").shape()).isEqualTo(Shape.of(2, 1));
        assertThat(read.floats("a").toArray()).containsExactly(1.5f, -2);
        assertThat(read.doubles("a")).containsExactly(1.5, -2);
        assertThat(read.doubles("b")).containsExactly(0.1);
        assertThat(read.doubles("c")).containsExactly(7);
        assertThatIllegalArgumentException().isThrownBy(() -> read.floats("b"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read.doubles("d"))
                .withMessageContaining("has no d, it has [a, b, c]");
    }

    @Test
    void readsHalfPrecisionAndSmallIntegers() throws IOException {
        ByteBuffer data = bytes(7).putShort((short) 0xc000).putShort((short) 0x3fc0);
        data.put((byte) 200).put((byte) 200).put((byte) 0);
        Safetensors read =
                Safetensors.read(
                        file(
                                """
                                {"half":{"dtype":"F16","shape":[1],"data_offsets":[0,2]},
                                 "brain":{"dtype":"BF16","shape":[1],"data_offsets":[2,4]},
                                 "signed":{"dtype":"I8","shape":[1],"data_offsets":[4,5]},
                                 "unsigned":{"dtype":"U8","shape":[2],"data_offsets":[5,7]}}\
                                """,
                                data));
        assertThat(read.floats("half").toArray()).containsExactly(-2);
        assertThat(read.floats("brain").toArray()).containsExactly(1.5f);
        assertThat(read.doubles("signed")).containsExactly(-56);
        assertThat(read.doubles("unsigned")).containsExactly(200, 0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}} | a has 4 bytes; legal for F32 [2]: 8",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,80]}} | a has 80 bytes",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}} | data_offsets [8, 0]",
                "{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,12]}} | 12 bytes, the file has 8",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} | begins at byte 4; legal: 0",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}} | 4 bytes, the file has 8",
                "{'a':{'dtype':'F32','shape':[65536,65536],'data_offsets':[0,8]}} | more than",
                "{'a':{'dtype':'F32','shape':[99999999999],'data_offsets':[0,8]}} | 99999999999",
                "{'a':{'dtype':'F32','shape':[99999999999999999999],'data_offsets':[0,8]}} | 63 bits",
                "{'a':{'dtype':'F32','shape':[-1],'data_offsets':[0,8]}} | no number",
                "{'a':{'dtype':'F32','shape':[2]}} | a lacks one of",
                "{'a':{'dtype':'C64','shape':[1],'data_offsets':[0,8]}} | type C64; legal: [F64",
                "{'a':{},'a':{}} | a lacks one of",
                "{'__metadata__':{'x':'1','x':'2'}} | says x twice",
                "{'__metadata__':{'x':{}}} | '\"' at character",
                "{'a':[[[[[[]]]]]]} | '{' at character 5",
                "[] | '{' at character 0",
                "{} {} | its end",
                "{'a | more at character"
            })
    void refusesAHeaderThatIsWrong(String header, String problem) throws IOException {
        Path path = file(header.replace('\'', '"'), bytes(8));
        assertThatThrownBy(() -> Safetensors.read(path))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("" + path)
                .hasMessageContaining(problem);
    }

    @Test
    void refusesALengthThatTheFileHasNot() throws IOException {
        Path path = Files.write(folder.resolve("x"), new byte[] {-2, -1, -1, -1, -1, -1, -1, -1});
        assertThatThrownBy(() -> Safetensors.read(path))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("header has 18446744073709551614 bytes; legal: 0 to 0");
        Files.write(path, new byte[3]);
        assertThatThrownBy(() -> Safetensors.read(path))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("3 bytes");
    }

    @Test
    void missingFileIsSaidToBeMissing() {
        assertThatThrownBy(() -> Safetensors.read(folder.resolve("none")))
                .isInstanceOf(NoSuchFileException.class);
    }

    private Path file(String header, ByteBuffer data) throws IOException {
        byte[] headerBytes = header.getBytes(StandardCharsets.UTF_8);
        byte[] file = new byte[Long.BYTES + headerBytes.length + data.capacity()];
        ByteBuffer.wrap(file)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(headerBytes.length)
                .put(headerBytes)
                .put(data.rewind());
        return Files.write(folder.resolve("x.safetensors"), file);
    }

    private static ByteBuffer bytes(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
