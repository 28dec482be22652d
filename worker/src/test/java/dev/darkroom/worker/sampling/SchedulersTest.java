package dev.darkroom.worker.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.management.ThreadMXBean;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SchedulersTest {
    private static final Shape SAMPLE = Shape.of(2, 4, 4);

    static Stream<Arguments> refusedFields() {
        return Stream.of(
                Arguments.of("ddpm", "variance_type", "fixed_large_log", "fixed_small"),
                Arguments.of("ddpm", "beta_schedule", "quadratic", "scaled_linear"),
                Arguments.of("ddim", "beta_schedule", "sigmoid", "squaredcos_cap_v2"),
                Arguments.of("ddim", "prediction_type", "flow_prediction", "v_prediction"),
                Arguments.of("ddim", "timestep_spacing", "random", "leading"),
                Arguments.of("ddim", "trained_betas", List.of(0.1, 0.2), "1000"),
                Arguments.of("ddim", "trained_betas", "many", "a list of numbers"),
                Arguments.of("ddim", "dynamic_thresholding_ratio", 2, "0 to 1"),
                Arguments.of("ddim", "clip_sample", "yes", "true, false"),
                Arguments.of("ddim", "beta_start", "small", "a number"),
                Arguments.of("ddim", "beta_start", null, "a number"),
                Arguments.of("ddim", "num_train_timesteps", 0, "at least 1"),
                Arguments.of("pndm", "prediction_type", "sample", "epsilon, v_prediction"),
                Arguments.of("pndm", "steps_offset", 0.5, "a whole number"),
                Arguments.of("euler", "interpolation_type", "cubic", "log_linear"),
                Arguments.of("euler", "timestep_type", "odd", "continuous"),
                Arguments.of("euler", "final_sigmas_type", "half", "sigma_min"),
                Arguments.of("euler", "sigma_max", "big", "a number, or null"),
                Arguments.of("euler-ancestral", "prediction_type", "sample", "v_prediction"),
                Arguments.of("dpmpp-2m", "algorithm_type", "ode", "dpmsolver++"),
                Arguments.of("dpmpp-2m", "solver_type", "runge", "midpoint, heun"),
                Arguments.of("dpmpp-2m", "solver_order", 4, "1 to 3"),
                Arguments.of("dpmpp-2m", "use_flow_sigmas", true, "false"),
                Arguments.of("dpmpp-2m", "lambda_min_clipped", "low", "-Infinity"),
                Arguments.of("dpmpp-2m-karras", "prediction_type", "noise", "epsilon"));
    }

    @ParameterizedTest(name = "{0} {1}={2}")
    @MethodSource("refusedFields")
    void refusesAValueThatItCannotHonour(
            String name, String field, @Nullable Object value, String legal) {
        SchedulerConfig config = SchedulerConfig.of(Map.of()).with(field, value);
        String shown = value instanceof List<?> list ? "of " + list.size() : "" + value;
        assertThatThrownBy(() -> Schedulers.named(name, config))
                .isInstanceOfSatisfying(
                        UnsupportedSchedulerException.class,
                        refusal -> assertThat(refusal.field()).isEqualTo(field))
                .hasMessageContainingAll(field, shown, legal);
    }

    @Test
    void refusesAFieldThatNoSchedulerHas() {
        for (String name : Schedulers.names()) {
            assertThatThrownBy(() -> Schedulers.named(name, config("beta_strat", 0.1)))
                    .isInstanceOf(UnsupportedSchedulerException.class)
                    .hasMessageContainingAll("beta_strat", "beta_start");
        }
    }

    @Test
    void passesOverFieldsThatOnlyOtherClassesHave() {
        SchedulerConfig folder =
                SchedulerConfig.of(
                        Map.of(
                                "_class_name", "PNDMScheduler",
                                "_diffusers_version", "0.6.0",
                                "clip_sample", false,
                                "skip_prk_steps", true,
                                "set_alpha_to_one", false));
        assertThat(Schedulers.ofFolder(folder)).isInstanceOf(PndmScheduler.class);
        for (String name : Schedulers.names()) {
            assertThat(Schedulers.named(name, folder).start(10, SAMPLE).calls()).isPositive();
        }
    }

    @Test
    void refusesMoreThanOneWayToSpaceNoiseLevels() {
        SchedulerConfig config = config("use_exponential_sigmas", true);
        for (String name : List.of("euler-karras", "dpmpp-2m-karras")) {
            assertThatThrownBy(() -> Schedulers.named(name, config))
                    .isInstanceOf(UnsupportedSchedulerException.class)
                    .hasMessageContainingAll(
                            "use_karras_sigmas", "use_exponential_sigmas", "one of");
        }
    }

    @Test
    void refusesCombinationsThatTheSolverHasNoFormulaFor() {
        assertThatThrownBy(
                        () -> Schedulers.named("dpmpp-2m", config("algorithm_type", "dpmsolver")))
                .hasMessageContainingAll("final_sigmas_type", "zero", "sigma_min");
        SchedulerConfig third =
                config("algorithm_type", "sde-dpmsolver")
                        .with("final_sigmas_type", "sigma_min")
                        .with("solver_order", 3);
        assertThatThrownBy(() -> Schedulers.named("dpmpp-2m", third))
                .hasMessageContainingAll("solver_order", "3", "1 to 2");
    }

    @Test
    void refusesANameThatIsNotBuiltAndSaysWhichAre() {
        assertThatThrownBy(() -> Schedulers.named("unipc", SchedulerConfig.of(Map.of())))
                .isInstanceOf(UnsupportedSchedulerException.class)
                .hasMessageContainingAll("unipc", "ddim, ddpm, dpmpp-2m, dpmpp-2m-karras")
                .hasMessageContaining("euler, euler-ancestral, euler-karras, pndm");
    }

    @Test
    void saysWhichNamesFitTheModelsPrediction() {
        SchedulerConfig sample = config("prediction_type", "sample");
        assertThatThrownBy(() -> Schedulers.named("pndm", sample))
                .hasMessageContainingAll("prediction_type", "sample", "epsilon, v_prediction")
                .hasMessageEndingWith("ddim, ddpm, dpmpp-2m, dpmpp-2m-karras, euler, euler-karras");
        assertThat(Schedulers.namesFor(sample)).doesNotContain("pndm", "euler-ancestral");
        assertThat(Schedulers.namesFor(SchedulerConfig.of(Map.of()))).isEqualTo(Schedulers.names());
        assertThatThrownBy(() ->
                        Schedulers.named("ddim", config("prediction_type", "flow_prediction")))
                .hasMessageEndingWith("none that is built");
    }

    static Stream<Arguments> folders() {
        Path fixtures = Path.of(System.getProperty("fixtures"));
        return Stream.of(
                Arguments.of(fixtures.resolve("models/ddpm"), DdpmScheduler.class),
                Arguments.of(fixtures.resolve("models/sd"), PndmScheduler.class),
                Arguments.of(fixtures.resolve("models-optimum/sd"), PndmScheduler.class),
                Arguments.of(
                        Path.of(System.getProperty("models"), "emoji"),
                        DpmSolverMultistepScheduler.class));
    }

    @ParameterizedTest
    @MethodSource("folders")
    void readsTheConfigurationsOfRealFolders(Path folder, Class<? extends Scheduler> type)
            throws IOException {
        Map<String, Object> fields =
                JsonMapper.builder()
                        .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                        .build()
                        .readValue(
                                folder.resolve("scheduler/scheduler_config.json").toFile(),
                                new TypeReference<Map<String, Object>>() {});
        SchedulerConfig config = SchedulerConfig.of(fields);
        assertThat(Schedulers.ofFolder(config)).isInstanceOf(type);
        assertThat(Schedulers.namesFor(config)).isEqualTo(Schedulers.names());
    }

    @Test
    void refusesAModelThatIsNotForDiscreteTimesteps() {
        SchedulerConfig flow = config("_class_name", "FlowMatchEulerDiscreteScheduler");
        assertThatThrownBy(() -> Schedulers.named("euler", flow))
                .isInstanceOf(UnsupportedSchedulerException.class)
                .hasMessageContainingAll("FlowMatchEulerDiscreteScheduler", "DDIMScheduler");
        assertThatThrownBy(() -> Schedulers.ofFolder(flow))
                .isInstanceOf(UnsupportedSchedulerException.class)
                .hasMessageContainingAll("_class_name", "FlowMatchEulerDiscreteScheduler");
        assertThatThrownBy(() -> Schedulers.ofFolder(SchedulerConfig.of(Map.of())))
                .hasMessageContaining("absent");
    }

    @Test
    void takesTheFoldersClassAsTheDefault() {
        Map<String, Class<? extends Scheduler>> classes =
                Map.of(
                        "DDPMScheduler", DdpmScheduler.class,
                        "DDIMScheduler", DdimScheduler.class,
                        "PNDMScheduler", PndmScheduler.class,
                        "EulerDiscreteScheduler", EulerScheduler.class,
                        "EulerAncestralDiscreteScheduler", EulerAncestralScheduler.class,
                        "DPMSolverMultistepScheduler", DpmSolverMultistepScheduler.class);
        classes.forEach((name, type) ->
                assertThat(Schedulers.ofFolder(config("_class_name", name))).isInstanceOf(type));
    }

    @Test
    void refusesStepsThatTheTimestepsDoNotAllow() {
        SchedulerConfig none = SchedulerConfig.of(Map.of());
        for (String name : Schedulers.names()) {
            Scheduler scheduler = Schedulers.named(name, none);
            for (int steps : new int[] {0, -1, 1001}) {
                assertThatThrownBy(() -> scheduler.start(steps, SAMPLE))
                        .as(name)
                        .isInstanceOf(UnsupportedSchedulerException.class)
                        .hasMessageContainingAll("steps", "" + steps, "1 to 1000");
            }
        }
        Scheduler shifted = Schedulers.named("ddim", config("steps_offset", 1));
        assertThatThrownBy(() -> shifted.start(1000, SAMPLE))
                .hasMessageContainingAll("1000", "steps_offset 1");
        assertThatThrownBy(() -> Schedulers.named("pndm", none).start(3, SAMPLE))
                .hasMessageContainingAll("3", "skip_prk_steps", "at least 4");
        Scheduler leading = Schedulers.named("dpmpp-2m", config("timestep_spacing", "leading"));
        assertThatThrownBy(() -> leading.start(1000, SAMPLE))
                .hasMessageContainingAll("1000", "1 to 999");
    }

    @Test
    void refusesAnEtaThatWouldBeIgnoredOrIsOutOfRange() {
        SamplingOptions half = new SamplingOptions(0.5);
        for (String name : Schedulers.names()) {
            Scheduler scheduler = Schedulers.named(name, SchedulerConfig.of(Map.of()));
            if (name.equals("ddim")) {
                assertThat(scheduler.start(10, SAMPLE, half).calls()).isEqualTo(10);
            } else {
                assertThatThrownBy(() -> scheduler.start(10, SAMPLE, half))
                        .as(name)
                        .isInstanceOf(UnsupportedSchedulerException.class)
                        .hasMessageContainingAll("eta", "0.5", "ddim");
            }
        }
        for (double eta : new double[] {-0.1, 1.1, Double.NaN}) {
            assertThatThrownBy(() -> new SamplingOptions(eta))
                    .isInstanceOf(UnsupportedSchedulerException.class)
                    .hasMessageContainingAll("eta", "" + eta, "0 to 1");
        }
    }

    @Test
    void correctsOldFoldersForLatentPipelines() {
        SchedulerConfig old =
                SchedulerConfig.of(Map.of("clip_sample", true, "_class_name", "DDIMScheduler"));
        SchedulerRun corrected = Schedulers.ofFolder(old.forLatentPipeline()).start(10, SAMPLE);
        SchedulerRun asWritten = Schedulers.ofFolder(old).start(10, SAMPLE);

        assertThat(asWritten.timestep(0)).isEqualTo(900);
        assertThat(corrected.timestep(0)).isEqualTo(901);
        assertThat(greatestAfterTheLastStep(asWritten)).isLessThanOrEqualTo(1);
        assertThat(greatestAfterTheLastStep(corrected)).isGreaterThan(1);
    }

    private static double greatestAfterTheLastStep(SchedulerRun run) {
        FloatTensor sample = FloatTensor.allocate(SAMPLE);
        FloatTensor output = FloatTensor.allocate(SAMPLE);
        NoiseGenerator noise = NoiseGenerator.ofSeed(1);
        noise.normal(sample);
        for (int i = 0; i < SAMPLE.elements(); i++) {
            sample.set(i, 5 * sample.get(i));
        }
        run.step(output, run.calls() - 1, sample, noise);
        double greatest = 0;
        for (float value : sample.toArray()) {
            greatest = Math.max(greatest, Math.abs(value));
        }
        return greatest;
    }

    @Test
    void treatsFieldsThatTheFolderOnlyHadByDefaultAsAbsent() {
        Map<String, Object> fields = new HashMap<>();
        fields.put("steps_offset", 7);
        fields.put("_use_default_values", List.of("steps_offset"));
        SchedulerConfig config = SchedulerConfig.of(fields);
        assertThat(Schedulers.named("ddim", config).start(10, SAMPLE).timestep(9)).isZero();
    }

    @Test
    void refusesAModelOutputWithoutTheLearnedVariance() {
        SchedulerRun run =
                Schedulers.named("ddpm", config("variance_type", "learned_range"))
                        .start(10, SAMPLE);
        FloatTensor tensor = FloatTensor.allocate(SAMPLE);
        assertThatThrownBy(() -> run.step(tensor, 0, tensor, NoiseGenerator.ofSeed(1)))
                .hasMessageContainingAll("LEARNED_RANGE", "64", "[2, 4, 4]");
    }

    @Test
    void allocatesNothingThatGrowsWithTheSampleWhileItRuns() {
        ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
        Shape shape = Shape.of(4, 64, 64);
        FloatTensor sample = FloatTensor.allocate(shape);
        FloatTensor output = FloatTensor.allocate(shape);
        FloatTensor input = FloatTensor.allocate(shape);
        NoiseGenerator noise = NoiseGenerator.ofSeed(5);
        noise.normal(output);
        for (String name : Schedulers.names()) {
            SchedulerRun run =
                    Schedulers.named(name, SchedulerConfig.of(Map.of())).start(20, shape);
            noise.normal(sample);
            for (int call = 0; call < run.calls(); call++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                run.scaleModelInput(sample, call, input);
                run.step(output, call, sample, noise);
                long allocated = threads.getCurrentThreadAllocatedBytes() - before;
                if (call >= 5) {
                    assertThat(allocated).as(name + " " + call).isLessThan(4096);
                }
            }
        }
    }

    @Test
    void keepsRunsOfOneSchedulerApart() {
        for (String name : Schedulers.names()) {
            Scheduler scheduler = Schedulers.named(name, SchedulerConfig.of(Map.of()));
            float[] alone = lastSample(scheduler.start(5, SAMPLE));
            SchedulerRun other = scheduler.start(5, SAMPLE);
            FloatTensor disturbed = FloatTensor.allocate(SAMPLE);
            NoiseGenerator noise = NoiseGenerator.ofSeed(8);
            noise.normal(disturbed);
            other.step(disturbed.copy(), 0, disturbed, noise);
            assertThat(lastSample(scheduler.start(5, SAMPLE))).as(name).isEqualTo(alone);
        }
    }

    private static float[] lastSample(SchedulerRun run) {
        NoiseGenerator noise = NoiseGenerator.ofSeed(5);
        FloatTensor sample = FloatTensor.allocate(SAMPLE);
        FloatTensor output = FloatTensor.allocate(SAMPLE);
        noise.normal(sample);
        for (int call = 0; call < run.calls(); call++) {
            noise.normal(output);
            run.step(output, call, sample, noise);
        }
        assertThat(sample.toArray()).satisfies(values -> assertThat(finite(values)).isTrue());
        return sample.toArray();
    }

    private static boolean finite(float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return values.length == SAMPLE.elements()
                && !Arrays.equals(values, new float[values.length]);
    }

    private static SchedulerConfig config(String field, Object value) {
        return SchedulerConfig.of(Map.of(field, value));
    }
}
