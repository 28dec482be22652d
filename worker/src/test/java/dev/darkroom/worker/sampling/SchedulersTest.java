package dev.darkroom.worker.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.management.ThreadMXBean;
import dev.darkroom.protocol.job.SchedulerName;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
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
                Arguments.of("dpmpp-2m", "prediction_type", "flow_prediction", "v_prediction"),
                Arguments.of("dpmpp-2m-karras", "use_flow_sigmas", true, "without them"),
                Arguments.of("lms", "trained_betas", List.of(0.1), "1000"),
                Arguments.of("lms", "beta_schedule", "exp", "scaled_linear"),
                Arguments.of("heun", "beta_schedule", "laplace", "exp"),
                Arguments.of("heun", "clip_sample_range", "wide", "a number"),
                Arguments.of("dpm2", "prediction_type", "sample", "epsilon, v_prediction"),
                Arguments.of("dpm2-ancestral", "prediction_type", "sample", "v_prediction"),
                Arguments.of("dpmpp-2s", "solver_order", 4, "1 to 3"),
                Arguments.of("dpmpp-2s", "algorithm_type", "sde-dpmsolver", "sde-dpmsolver++"),
                Arguments.of("deis", "solver_order", 4, "1 to 3"),
                Arguments.of("deis", "algorithm_type", "sde-dpmsolver++", "deis"),
                Arguments.of("unipc", "solver_type", "rk", "bh2, bh1"),
                Arguments.of("unipc", "solver_p", "DDIMScheduler", "null"),
                Arguments.of("unipc", "disable_corrector", "all", "a list of whole numbers"),
                Arguments.of("unipc", "shift_terminal", 0.1, "null without use_flow_sigmas"),
                Arguments.of("flow-unipc", "shift_terminal", 1, "0 to below 1"),
                Arguments.of("flow-unipc", "flow_shift", 0, "above 0"),
                Arguments.of("flow-dpmpp-2m", "use_lu_lambdas", true, "use_flow_sigmas"),
                Arguments.of("flow-dpmpp-2m", "algorithm_type", "ode", "dpmsolver++"),
                Arguments.of("flow-euler", "shift", -1, "above 0"),
                Arguments.of("flow-euler", "time_shift_type", "cubic", "exponential, linear"),
                Arguments.of("flow-euler", "shift_terminal", 2, "0 to below 1"),
                Arguments.of("flow-heun", "use_dynamic_shifting", true, "false"),
                Arguments.of("flow-heun", "shift", 0, "above 0"),
                Arguments.of("lcm", "original_inference_steps", 1001, "1 to 1000"),
                Arguments.of("tcd", "original_inference_steps", 0, "at least 1"),
                Arguments.of("edm-euler", "prediction_type", "sample", "epsilon, v_prediction"),
                Arguments.of("edm-euler", "sigma_schedule", "linear", "karras, exponential"),
                Arguments.of("edm-dpmpp-2m", "sigma_min", 0, "above 0"),
                Arguments.of("edm-dpmpp-2m", "algorithm_type", "dpmsolver", "sde-dpmsolver++"),
                Arguments.of("cosine-dpmpp-2m", "solver_order", 3, "1 to 2"),
                Arguments.of("cosine-dpmpp-2m", "rho", "steep", "a number"),
                Arguments.of("cosine-dpmpp-2m", "final_sigmas_type", "sigma_min", "zero"),
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
        for (String name : Schedulers.namesFor(folder)) {
            assertThat(Schedulers.named(name, folder).start(10, SAMPLE).calls()).isPositive();
        }
    }

    @Test
    void heedsListedBetasWhateverScheduleIsNamedBeside() {
        List<Double> betas = Collections.nCopies(1000, 0.01);
        SchedulerConfig listed = config("trained_betas", betas);
        float level = noised(Schedulers.named("euler", listed));

        assertThat(noised(Schedulers.named("euler", listed.with("beta_schedule", "laplace"))))
                .isEqualTo(level);
    }

    private static float noised(Scheduler scheduler) {
        return (float) scheduler.start(4, SAMPLE, SamplingOptions.DEFAULTS).initNoiseSigma();
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
        assertThatThrownBy(() -> Schedulers.named("dpmpp-2m", config("algorithm_type", "deis")))
                .hasMessageContainingAll("final_sigmas_type", "zero", "sigma_min");
        SchedulerConfig third =
                config("algorithm_type", "sde-dpmsolver")
                        .with("final_sigmas_type", "sigma_min")
                        .with("solver_order", 3);
        assertThatThrownBy(() -> Schedulers.named("dpmpp-2m", third))
                .hasMessageContainingAll("solver_order", "3", "1 to 2");
        assertThatThrownBy(() -> Schedulers.named("flow-unipc", config("use_beta_sigmas", true)))
                .hasMessageContainingAll("use_flow_sigmas", "BETA");
        assertThatThrownBy(() -> Schedulers.named("unipc", config("solver_type", "bh1")))
                .hasMessageContainingAll("final_sigmas_type", "zero", "bh1", "sigma_min");
        assertThatThrownBy(() -> Schedulers.named("unipc", config("predict_x0", false)))
                .hasMessageContainingAll("final_sigmas_type", "predict_x0", "sigma_min");
        assertThatThrownBy(() -> Schedulers.named("unipc", config("lower_order_final", false)))
                .hasMessageContainingAll("final_sigmas_type", "lower_order_final", "sigma_min");
        SchedulerConfig noise =
                config("algorithm_type", "dpmsolver")
                        .with("final_sigmas_type", "sigma_min")
                        .with("thresholding", true);
        assertThatThrownBy(() -> Schedulers.named("dpmpp-2s", noise))
                .hasMessageContainingAll("thresholding", "true", "false");
    }

    @Test
    void refusesNoiseLevelsThatTheSolverCannotStepBetween() {
        SchedulerConfig leading = config("timestep_spacing", "leading").with("steps_offset", 1);
        for (String name : List.of("dpmpp-2m", "deis", "unipc")) {
            assertThatThrownBy(() -> Schedulers.named(name, leading).start(999, SAMPLE))
                    .as(name)
                    .hasMessageContainingAll("steps", "999", "noise level");
        }
        SchedulerConfig still =
                config("final_sigmas_type", "sigma_min")
                        .with("use_karras_sigmas", true)
                        .with("solver_order", 3);
        Scheduler third = Schedulers.named("dpmpp-2m", still);
        assertThatThrownBy(() -> third.start(20, SAMPLE))
                .hasMessageContainingAll("final_sigmas_type", "order 3", "euler_at_final");
        assertThat(third.start(10, SAMPLE).calls()).isEqualTo(10);
        SchedulerConfig cosine = config("beta_schedule", "squaredcos_cap_v2");
        assertThatThrownBy(() -> Schedulers.named("dpm2-ancestral", cosine).start(8, SAMPLE))
                .hasMessageContainingAll("steps", "8", "noise level");
    }

    @Test
    void refusesANameThatThereIsNotAndSaysWhichThereAre() {
        assertThatThrownBy(() -> Schedulers.named("unipcc", SchedulerConfig.of(Map.of())))
                .isInstanceOf(UnsupportedSchedulerException.class)
                .hasMessageContainingAll("unipcc", "cosine-dpmpp-2m, ddim, ddpm, deis, dpm2")
                .hasMessageContaining("flow-unipc, heun, lcm, lms, lms-karras, pndm, tcd, unipc");
    }

    @Test
    void buildsEveryNameOfTheProtocol() {
        assertThat(Schedulers.names())
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(SchedulerName.values())
                                .map(SchedulerName::wireName)
                                .toList());
    }

    @Test
    void saysWhichNamesFitTheModelsPrediction() {
        SchedulerConfig sample = config("prediction_type", "sample");
        String fitting =
                "ddim, ddpm, deis, dpmpp-2m, dpmpp-2m-karras, dpmpp-2m-sde, dpmpp-2m-sde-karras,"
                        + " dpmpp-2s, euler, euler-karras, heun, lcm, lms, lms-karras, tcd, unipc";
        assertThatThrownBy(() -> Schedulers.named("pndm", sample))
                .hasMessageContainingAll("prediction_type", "sample", "epsilon, v_prediction")
                .hasMessageEndingWith("schedulers that fit the model: " + fitting);
        assertThat(Schedulers.namesFor(SchedulerConfig.of(Map.of()))).isEqualTo(Schedulers.names());
    }

    static Stream<Arguments> misfits() {
        String flows = "flow-dpmpp-2m, flow-euler, flow-heun, flow-unipc";
        return Stream.of(
                Arguments.of("euler", "FlowMatchEulerDiscreteScheduler", flows),
                Arguments.of("deis", "FlowMatchHeunDiscreteScheduler", flows),
                Arguments.of("edm-euler", "FlowMatchEulerDiscreteScheduler", flows),
                Arguments.of("flow-euler", "EulerDiscreteScheduler", ", tcd, unipc"),
                Arguments.of("flow-euler", "EDMEulerScheduler", "edm-dpmpp-2m, edm-euler"),
                Arguments.of("ddim", "CosineDPMSolverMultistepScheduler", "cosine-dpmpp-2m"));
    }

    @ParameterizedTest(name = "{0} for {1}")
    @MethodSource("misfits")
    void refusesANameForModelsTrainedOtherwise(String name, String className, String fitting) {
        assertThatThrownBy(() -> Schedulers.named(name, config("_class_name", className)))
                .isInstanceOfSatisfying(
                        UnsupportedSchedulerException.class,
                        refusal -> assertThat(refusal.field()).isEqualTo("prediction_type"))
                .hasMessageContainingAll(name, className)
                .hasMessageEndingWith(fitting);
    }

    @Test
    void takesSolversForAFolderThatTellsThemToFollowFlows() {
        SchedulerConfig flow =
                config("_class_name", "UniPCMultistepScheduler")
                        .with("prediction_type", "flow_prediction")
                        .with("use_flow_sigmas", true);
        assertThat(Schedulers.namesFor(flow))
                .containsExactly(
                        "deis",
                        "dpmpp-2m",
                        "dpmpp-2m-sde",
                        "dpmpp-2s",
                        "flow-dpmpp-2m",
                        "flow-euler",
                        "flow-heun",
                        "flow-unipc",
                        "unipc");
        assertThat(Schedulers.nameOf(flow)).isEqualTo("flow-unipc");
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
        assertThat(Schedulers.namesFor(config))
                .isEqualTo(
                        Schedulers.names().stream()
                                .filter(name -> !name.matches("(flow|edm|cosine)-.*"))
                                .toList());
    }

    @Test
    void refusesAFolderOfAClassThatIsNotBuilt() {
        SchedulerConfig other = config("_class_name", "IPNDMScheduler");
        assertThatThrownBy(() -> Schedulers.named("euler", other))
                .isInstanceOf(UnsupportedSchedulerException.class)
                .hasMessageContainingAll("IPNDMScheduler", "DDIMScheduler");
        assertThatThrownBy(() -> Schedulers.ofFolder(other))
                .isInstanceOf(UnsupportedSchedulerException.class)
                .hasMessageContainingAll("_class_name", "IPNDMScheduler");
        assertThatThrownBy(() -> Schedulers.ofFolder(SchedulerConfig.of(Map.of())))
                .hasMessageContaining("absent");
    }

    @Test
    void takesTheFoldersClassAsTheDefault() {
        Map<String, Class<? extends Scheduler>> classes =
                Map.ofEntries(
                        Map.entry("DDPMScheduler", DdpmScheduler.class),
                        Map.entry("DDIMScheduler", DdimScheduler.class),
                        Map.entry("PNDMScheduler", PndmScheduler.class),
                        Map.entry("LMSDiscreteScheduler", LmsScheduler.class),
                        Map.entry("EulerDiscreteScheduler", EulerScheduler.class),
                        Map.entry("EulerAncestralDiscreteScheduler", EulerAncestralScheduler.class),
                        Map.entry("HeunDiscreteScheduler", HeunScheduler.class),
                        Map.entry("KDPM2DiscreteScheduler", Dpm2Scheduler.class),
                        Map.entry("KDPM2AncestralDiscreteScheduler", Dpm2AncestralScheduler.class),
                        Map.entry("DPMSolverMultistepScheduler", DpmSolverMultistepScheduler.class),
                        Map.entry(
                                "DPMSolverSinglestepScheduler", DpmSolverSinglestepScheduler.class),
                        Map.entry("DEISMultistepScheduler", DeisScheduler.class),
                        Map.entry("UniPCMultistepScheduler", UniPcScheduler.class),
                        Map.entry("LCMScheduler", LcmScheduler.class),
                        Map.entry("TCDScheduler", TcdScheduler.class),
                        Map.entry("FlowMatchEulerDiscreteScheduler", FlowEulerScheduler.class),
                        Map.entry("FlowMatchHeunDiscreteScheduler", FlowHeunScheduler.class),
                        Map.entry("EDMEulerScheduler", EdmEulerScheduler.class),
                        Map.entry("EDMDPMSolverMultistepScheduler", EdmDpmSolverScheduler.class),
                        Map.entry(
                                "CosineDPMSolverMultistepScheduler",
                                CosineDpmSolverScheduler.class));
        classes.forEach((name, type) -> {
            SchedulerConfig folder = config("_class_name", name);
            assertThat(Schedulers.ofFolder(folder)).isInstanceOf(type);
            assertThat(Schedulers.named(Schedulers.nameOf(folder), folder)).isInstanceOf(type);
        });
        SchedulerConfig ofNoClass = SchedulerConfig.of(Map.of());
        assertThat(Schedulers.names())
                .extracting(name -> Schedulers.named(name, ofNoClass).getClass())
                .as("every scheduler that is built has its class above")
                .allMatch(classes::containsValue);
    }

    @Test
    void namesTheVariantThatTheFolderAsksFor() {
        SchedulerConfig solver = config("_class_name", "DPMSolverMultistepScheduler");
        SchedulerConfig stochastic = solver.with("algorithm_type", "sde-dpmsolver++");
        assertThat(Schedulers.nameOf(solver.with("use_karras_sigmas", true)))
                .isEqualTo("dpmpp-2m-karras");
        assertThat(Schedulers.nameOf(stochastic)).isEqualTo("dpmpp-2m-sde");
        assertThat(Schedulers.nameOf(stochastic.with("use_karras_sigmas", true)))
                .isEqualTo("dpmpp-2m-sde-karras");
        assertThat(
                        Schedulers.nameOf(
                                solver.with("use_flow_sigmas", true)
                                        .with("prediction_type", "flow_prediction")))
                .isEqualTo("flow-dpmpp-2m");
        assertThat(
                        Schedulers.nameOf(
                                config("_class_name", "LMSDiscreteScheduler")
                                        .with("use_karras_sigmas", true)))
                .isEqualTo("lms-karras");
    }

    @Test
    void refusesStepsThatTheTimestepsDoNotAllow() {
        SchedulerConfig none = SchedulerConfig.of(Map.of());
        for (String name : Schedulers.names()) {
            Scheduler scheduler = Schedulers.named(name, none);
            boolean distilled = List.of("lcm", "tcd").contains(name);
            for (int steps : new int[] {0, -1, 1001}) {
                assertThatThrownBy(() -> scheduler.start(steps, SAMPLE))
                        .as(name)
                        .isInstanceOf(UnsupportedSchedulerException.class)
                        .hasMessageContainingAll(
                                "steps", "" + steps, distilled ? "1 to 50" : "1 to 1000");
            }
        }
        Scheduler stretched = Schedulers.named("flow-euler", config("shift_terminal", 0.1));
        assertThatThrownBy(() -> stretched.start(1, SAMPLE))
                .hasMessageContainingAll("steps", "1", "shift_terminal", "at least 2");
        Scheduler lcm = Schedulers.named("lcm", none);
        assertThatThrownBy(() ->
                        lcm.start(26, SAMPLE, SamplingOptions.DEFAULTS.withDistilledShare(0.5)))
                .hasMessageContainingAll("steps", "26", "0.5", "1 to 25");
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
        SamplingOptions half = SamplingOptions.DEFAULTS.withEta(0.5);
        for (String name : Schedulers.names()) {
            Scheduler scheduler = Schedulers.named(name, SchedulerConfig.of(Map.of()));
            if (List.of("ddim", "tcd").contains(name)) {
                assertThat(scheduler.start(10, SAMPLE, half).calls()).isEqualTo(10);
            } else {
                assertThatThrownBy(() -> scheduler.start(10, SAMPLE, half))
                        .as(name)
                        .isInstanceOf(UnsupportedSchedulerException.class)
                        .hasMessageContainingAll("eta", "0.5", "ddim");
            }
        }
        for (double eta : new double[] {-0.1, 1.1, Double.NaN}) {
            assertThatThrownBy(() -> SamplingOptions.DEFAULTS.withEta(eta))
                    .isInstanceOf(UnsupportedSchedulerException.class)
                    .hasMessageContainingAll("eta", "" + eta, "0 to 1");
        }
    }

    @Test
    void refusesOptionsThatASchedulerWouldIgnoreOrCannotDoWithout() {
        SchedulerConfig none = SchedulerConfig.of(Map.of());
        SamplingOptions options = SamplingOptions.DEFAULTS;
        assertThatThrownBy(() ->
                        Schedulers.named("ddim", none)
                                .start(10, SAMPLE, options.withDistilledShare(0.5)))
                .hasMessageContainingAll("distilledShare", "0.5", "lcm and tcd");
        assertThatThrownBy(() ->
                        Schedulers.named("flow-heun", none)
                                .start(
                                        10,
                                        SAMPLE,
                                        options.withFlowLevels(SamplingOptions.FlowLevels.EVEN)))
                .hasMessageContainingAll("flowLevels", "EVEN", "OWN");
        for (String name : List.of("flow-euler", "flow-unipc", "flow-dpmpp-2m")) {
            Scheduler dynamic = Schedulers.named(name, config("use_dynamic_shifting", true));
            assertThatThrownBy(() -> dynamic.start(10, SAMPLE))
                    .as(name)
                    .hasMessageContainingAll("use_dynamic_shifting", "mu");
            assertThat(dynamic.start(10, SAMPLE, options.withMu(0.8)).calls()).isEqualTo(10);
        }
        assertThatThrownBy(() -> options.withDistilledShare(0)).hasMessageContaining("above 0");
        assertThatThrownBy(() -> options.withStartStep(-1)).hasMessageContaining("at least 0");
        assertThatThrownBy(() -> options.withMu(Double.NaN)).hasMessageContaining("finite");
    }

    @Test
    void refusesToLeaveAllStepsOut() {
        for (String name : Schedulers.names()) {
            Scheduler scheduler = Schedulers.named(name, SchedulerConfig.of(Map.of()));
            // Of more calls than its steps need, some are left without any step.
            int most = name.equals("pndm") ? 10 : 9;
            SamplingOptions beyond = SamplingOptions.DEFAULTS.withStartStep(most + 1);
            assertThatThrownBy(() -> scheduler.start(10, SAMPLE, beyond))
                    .as(name)
                    .hasMessageContainingAll("startStep", "of 10 steps", "0 to " + most);
        }
    }

    @Test
    void countsStepsAndNotCalls() {
        for (String name : Schedulers.names()) {
            Scheduler scheduler = Schedulers.named(name, SchedulerConfig.of(Map.of()));
            for (int left : new int[] {0, 3}) {
                SchedulerRun run =
                        scheduler.start(10, SAMPLE, SamplingOptions.DEFAULTS.withStartStep(left));
                int before = 0;
                for (int call = run.firstCall(); call < run.calls(); call++) {
                    int done = run.stepsDone(call);
                    assertThat(done).as(name).isBetween(before, before + 1);
                    before = done;
                }
                assertThat(before).as(name).isEqualTo(run.steps()).isEqualTo(10 - left);
            }
        }
    }

    @Test
    void leavesOutTheStepsThatAStrengthDoesNotAllow() {
        assertThat(SamplingOptions.startStepOf(20, 0.6)).isEqualTo(8);
        assertThat(SamplingOptions.startStepOf(7, 0.5)).isEqualTo(4);
        assertThat(SamplingOptions.flowStartStepOf(7, 0.5)).isEqualTo(3);
        assertThat(SamplingOptions.startStepOf(7, 1)).isZero();
        assertThat(SamplingOptions.flowStartStepOf(7, 1)).isZero();
        assertThat(SamplingOptions.startStepOf(7, 0.1)).isEqualTo(7);
    }

    @Test
    void movesNoiseLevelsWithThePicturesSize() {
        SchedulerConfig none = SchedulerConfig.of(Map.of());
        assertThat(DynamicShift.mu(none, 256, 1.15)).isCloseTo(0.5, within(1e-12));
        assertThat(DynamicShift.mu(none, 4096, 1.15)).isCloseTo(1.15, within(1e-12));
        assertThat(DynamicShift.mu(none.with("max_shift", 2), 4096, 1.15))
                .isCloseTo(2, within(1e-12));
        // The class's own default, which the reference's pipeline for Stable Diffusion 3 sees.
        assertThat(
                        DynamicShift.mu(
                                none.with("_class_name", "FlowMatchEulerDiscreteScheduler"),
                                4096,
                                1.16))
                .isCloseTo(1.15, within(1e-12));
        assertThat(DynamicShift.mu(none, 4096, 1.16)).isCloseTo(1.16, within(1e-12));
        assertThat(DynamicShift.isUsed(none)).isFalse();
        assertThat(DynamicShift.isUsed(none.with("use_dynamic_shifting", true))).isTrue();
        SchedulerConfig same = none.with("max_image_seq_len", 256);
        assertThatThrownBy(() -> DynamicShift.mu(same, 256, 1.15))
                .hasMessageContaining("max_image_seq_len");
        SchedulerConfig words = none.with("use_dynamic_shifting", true).with("base_shift", "half");
        assertThatThrownBy(() -> Schedulers.named("flow-euler", words))
                .hasMessageContainingAll("base_shift", "half", "a number");
    }

    @Test
    void clippedSamplesAndTheStepsOffsetMakeADifference() {
        SchedulerConfig old =
                SchedulerConfig.of(Map.of("clip_sample", true, "_class_name", "DDIMScheduler"));
        SchedulerConfig without = old.with("clip_sample", false).with("steps_offset", 1);
        SchedulerRun corrected = Schedulers.ofFolder(without).start(10, SAMPLE);
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
