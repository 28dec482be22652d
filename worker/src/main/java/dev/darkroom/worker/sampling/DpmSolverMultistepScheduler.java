package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import java.util.function.DoubleUnaryOperator;

/// The multistep solvers of orders 1 to 3 of Lu et al. 2022 ("DPM-Solver", "DPM-Solver++"),
/// deterministic and stochastic, for diffusion and for flow matching.
///
/// Reference: `schedulers/scheduling_dpmsolver_multistep.py`.
final class DpmSolverMultistepScheduler implements Scheduler {
    /// The reference's name of this class.
    static final String CLASS_NAME = "DPMSolverMultistepScheduler";

    private final Denoising denoising;
    private final DpmMultistep solver;
    private final SolverLevels trained;
    private final SolverFlow flow;
    private final boolean luLambdas;
    private final DoubleUnaryOperator whole;

    DpmSolverMultistepScheduler(SchedulerConfig config) {
        Fields fields = new Fields(CLASS_NAME, config);
        NoiseSchedule schedule =
                NoiseSchedule.rescalableWithFiniteSigma(
                        fields, "linear", "scaled_linear", "squaredcos_cap_v2");
        DpmAlgorithm algorithm =
                DpmAlgorithm.of(
                        fields,
                        "dpmsolver++",
                        "dpmsolver",
                        "sde-dpmsolver++",
                        "sde-dpmsolver",
                        "deis");
        solver =
                new DpmMultistep(
                        fields, algorithm, algorithm == DpmAlgorithm.STOCHASTIC_EPSILON ? 2 : 3);
        trained = SolverLevels.clippable(fields, schedule);
        luLambdas =
                fields.offUnlessGiven("use_lu_lambdas")
                        && trained.kind() != SigmaSpacing.Kind.KARRAS;
        boolean rounds =
                !fields.is("beta_schedule", "squaredcos_cap_v2")
                        && (luLambdas || trained.kind() == SigmaSpacing.Kind.KARRAS);
        whole = rounds ? Math::rint : Math::floor;
        flow = new SolverFlow(fields, trained.kind(), schedule.timesteps());
        if (flow.used() && luLambdas) {
            throw fields.refusal("use_lu_lambdas", "false with use_flow_sigmas");
        }
        denoising =
                new Denoising(
                        flow.scale(),
                        Denoising.prediction(fields, flow.scale(), algorithm),
                        SampleBounds.threshold(fields));
        fields.refuseUnknown();
    }

    @Override
    public SchedulerRun start(int steps, Shape sample, SamplingOptions options) {
        options.requireNeither(CLASS_NAME);
        Levels levels =
                flow.used()
                        ? flow.at(steps, options)
                        : luLambdas ? trained.lu(steps, whole) : trained.at(steps, whole);
        float[] sigmas = levels.until(solver.endsAtZero() ? 0 : trained.least());
        Timeline timeline = new Timeline(CLASS_NAME, levels.timesteps, levels.steps(), 1, options);
        return new Run(timeline, sigmas, sample);
    }

    /// One trajectory.
    private final class Run extends SolverRun {
        private final FloatTensor noise;
        private final float[] scratch;

        // What is remembered between calls.
        private final DpmMultistep.Course course;

        Run(Timeline timeline, float[] sigmas, Shape sample) {
            super(timeline, sigmas, denoising.scale());
            noise = FloatTensor.allocate(sample);
            scratch = denoising.bounds().scratch(sample.elements());
            course = solver.new Course(denoising.scale(), sigmas, sample);
        }

        @Override
        public void step(
                FloatTensor modelOutput, int call, FloatTensor sample, NoiseGenerator generator) {
            FloatTensor output = course.add();
            denoising.original(modelOutput, sample, sigmas[call], scratch, output);
            if (!solver.algorithm().extrapolatesOriginal()) {
                denoising.toNoise(output, sample, sigmas[call]);
            }
            if (solver.algorithm().addsNoise()) {
                generator.normal(noise);
            }
            course.advance(call, sample, noise);
        }
    }
}
