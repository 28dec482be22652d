package dev.darkroom.worker.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.job.ModelId;
import dev.darkroom.worker.device.DeviceLane;
import dev.darkroom.worker.media.Media;
import dev.darkroom.worker.model.LoadedModel;
import dev.darkroom.worker.model.ModelLease;
import dev.darkroom.worker.sampling.NoiseGenerator;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What becomes of decoded outputs that hold nothing or must not be seen. The cases of the
/// reference for both are tried with all others.
class GuardsTest {
    private static final Path MODELS = Path.of(System.getProperty("fixtures"), "models");

    @TempDir private Path root;

    @Test
    void decodesOnlyFailedOutputsAgain() throws Exception {
        copy("sd-overflow", "nothing");
        FloatTensor latents = latents(3);
        List<Integer> rows = new ArrayList<>();
        try (Open open = new Open("sd-overflow")) {
            LatentCodec recording =
                    new LatentCodec(
                            open.codec().vae(),
                            0,
                            evaluation -> {
                                rows.add(evaluation.rows());
                                open.ticket.evaluate(evaluation);
                                if (rows.size() == 1) {
                                    // The second output is spared.
                                    FloatTensor decoded = evaluation.output("sample");
                                    NoiseGenerator.ofSeed(1).uniform(decoded.rows(1, 2));
                                }
                            });
            Media.Images made = new Guards(open.model(), recording).pictures(latents);

            assertThat(rows).containsExactly(3, 2);
            assertThat(made.withheld()).isEmpty();
            Media.Images whole = new Guards(open.model(), open.codec()).pictures(latents);
            assertThat(values(made, 0)).isEqualTo(values(whole, 0));
            assertThat(values(made, 1)).isNotEqualTo(values(whole, 1));
            assertThat(values(made, 2)).isEqualTo(values(whole, 2));
        }
    }

    @Test
    void saysThatTheModelHasNoSecondDecoder() throws Exception {
        copy("sd-overflow", "vae_decoder_fp32");
        assertThat(withheld("sd-overflow", latents(2)))
                .containsOnly(
                        Media.Withheld.degenerate(
                                "holds values that are not numbers, and its model has no"
                                        + " vae_decoder_fp32 to try again"));
    }

    @Test
    void saysThatTheSecondDecoderFailedToo() throws Exception {
        copy("sd-overflow", "nothing");
        Files.copy(
                root.resolve("sd-overflow/vae_decoder/model.onnx"),
                root.resolve("sd-overflow/vae_decoder_fp32/model.onnx"),
                StandardCopyOption.REPLACE_EXISTING);
        assertThat(withheld("sd-overflow", latents(1)))
                .containsOnly(
                        Media.Withheld.degenerate(
                                "holds values that are not numbers, also when decoded again with"
                                        + " vae_decoder_fp32"));
    }

    @Test
    void asksTheSafetyCheckerOnlyAboutWhatCanBeShown() throws Exception {
        copy("sd-safety", "nothing");
        FloatTensor latents = latents(4);
        latents.set(0, Float.NaN);
        List<Media.Withheld> withheld = withheld("sd-safety", latents);
        assertThat(withheld.getFirst().code()).isEqualTo(FailureCode.DEGENERATE_OUTPUT);
        assertThat(withheld.subList(1, withheld.size()))
                .isNotEmpty()
                .containsOnly(
                        new Media.Withheld(
                                FailureCode.CONTENT_FILTERED,
                                "was refused by the model's safety checker"));
    }

    private List<Media.Withheld> withheld(String name, FloatTensor latents) throws Exception {
        try (Open open = new Open(name)) {
            Media.Images made = new Guards(open.model(), open.codec()).pictures(latents);
            return List.copyOf(made.withheld().values());
        }
    }

    private static float[] values(Media.Images made, int output) {
        return ((Media.Shown) made.images().get(output)).picture().toArray();
    }

    private static FloatTensor latents(int count) {
        FloatTensor latents = FloatTensor.allocate(Shape.of(count, 4, 16, 16));
        NoiseGenerator.ofSeed(5).normal(latents);
        return latents;
    }

    /// Copies a model but for one part.
    private void copy(String name, String without) throws IOException {
        try (Stream<Path> files = Files.walk(MODELS.resolve(name))) {
            Path left = MODELS.resolve(name).resolve(without);
            for (Path file : files.filter(path -> !path.startsWith(left)).toList()) {
                Path target = root.resolve(MODELS.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    /// A model at the device.
    private final class Open implements AutoCloseable {
        private final Studio studio;
        private final ModelLease lease;
        private final DeviceLane.Ticket ticket;

        Open(String name) throws InterruptedException {
            studio = Studio.open(root);
            lease = studio.models().lease(new ModelId(name));
            ticket = studio.lane().open(new JobId("guarded"));
        }

        LoadedModel model() {
            return lease.model();
        }

        LatentCodec codec() {
            return new LatentCodec(model().blueprint().folder().vae().orElseThrow(), 0, ticket);
        }

        @Override
        public void close() {
            ticket.close();
            lease.close();
            studio.close();
        }
    }
}
