package dev.darkroom.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SchemaFilesTest {
    private static final String REMEDY =
            "the schema files follow from the field tables; write them anew with"
                    + " mvn -pl protocol test -Dtest=SchemaFilesTest -Dschemas=write, and look at"
                    + " the difference: it is a change of the public contract";

    @BeforeAll
    static void writeFilesWhenAsked() throws IOException {
        if ("write".equals(System.getProperty("schemas"))) {
            Files.createDirectories(SchemaFiles.FOLDER);
            for (Map.Entry<String, String> file : SchemaFiles.all().entrySet()) {
                Files.writeString(SchemaFiles.FOLDER.resolve(file.getKey()), file.getValue());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void checkedInFileEqualsTheTables(String name) throws IOException {
        assertThat(Files.readString(SchemaFiles.FOLDER.resolve(name)))
                .as(REMEDY)
                .isEqualTo(SchemaFiles.all().get(name));
    }

    @Test
    void noOtherFileLiesBesideThem() throws IOException {
        try (Stream<Path> files = Files.list(SchemaFiles.FOLDER)) {
            assertThat(files.map(f -> f.getFileName().toString()))
                    .as(REMEDY)
                    .containsExactlyInAnyOrderElementsOf(SchemaFiles.all().keySet());
        }
    }

    @Test
    void everyReferenceOfTheAsyncApiDocumentLeadsSomewhere() {
        JsonNode document = AsyncApi.document();

        List<JsonNode> references = document.findValues("$ref");

        assertThat(references)
                .isNotEmpty()
                .allSatisfy(reference -> {
                    String target = reference.asText();
                    if (target.startsWith("#")) {
                        assertThat(document.at(target.substring(1)).isMissingNode())
                                .as(target)
                                .isFalse();
                    } else {
                        assertThat(SchemaFiles.all()).containsKey(target.substring(2));
                    }
                });
    }

    private static Stream<String> names() {
        return SchemaFiles.all().keySet().stream();
    }
}
