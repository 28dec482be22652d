package dev.darkroom.ops.parity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.worker.onnx.DeviceOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// What the pipelines and schedulers make of every case that the project carries: the same as the
/// reference, from the prompt's encoding to the last pixel.
class ParityTest {
    private static ParityFolder folder;
    private static Parity parity;

    @BeforeAll
    static void open() throws IOException {
        folder =
                ParityFolder.read(
                        Path.of(System.getProperty("fixtures")),
                        List.of(Path.of(System.getProperty("models"))));
        parity = Parity.open(folder, DeviceOptions.cpu());
    }

    @AfterAll
    static void close() {
        parity.close();
    }

    @TestFactory
    Stream<DynamicTest> makesWhatTheReferenceMakes() {
        return folder.checks().stream()
                .map(check ->
                        DynamicTest.dynamicTest(
                                title(check),
                                () -> {
                                    Finding finding = parity.run(check);
                                    assertThat(finding.verdict())
                                            .as(finding.outcome() + " " + finding.hints())
                                            .isEqualTo(Finding.Verdict.WITHIN);
                                }));
    }

    private static String title(Check check) {
        return check instanceof Check.OfPipeline pipeline
                ? check.name() + " in " + pipeline.models().label()
                : check.name();
    }
}
