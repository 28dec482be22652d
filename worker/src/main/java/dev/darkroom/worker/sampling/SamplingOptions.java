package dev.darkroom.worker.sampling;

import org.jspecify.annotations.Nullable;

/// What a job and its pipeline, rather than a model's folder, say about sampling.
///
/// @param eta how much fresh noise is added at each step, 0 (none) to 1: η in Song et al. 2020
///   ("Denoising Diffusion Implicit Models"), equation 16, for DDIM; γ in Zheng et al. 2024
///   ("Trajectory Consistency Distillation"), algorithm 4, for TCD; other schedulers take 0 only
/// @param startStep steps left out, from the noisiest on, by a sample that starts half noised: 0 to
///   the number of steps less one, or to that number where a run has more calls than its steps need
///   ([#startStepOf], [#flowStartStepOf])
/// @param distilledShare the share of the distilled timesteps, from the cleanest on, that LCM and
///   TCD choose theirs from, above 0 to 1: what the reference's LCM pipelines do with a strength,
///   instead of leaving steps out; other schedulers take 1 only
/// @param mu how far the noise levels of flow matching move with the size of the picture
///   ([DynamicShift]); schedulers whose configuration does not move them need none
/// @param flowLevels where the noise levels of flow matching come from
public record SamplingOptions(
        double eta,
        int startStep,
        double distilledShare,
        @Nullable Double mu,
        FlowLevels flowLevels) {
    /// What holds where nothing is said.
    public static final SamplingOptions DEFAULTS =
            new SamplingOptions(0, 0, 1, null, FlowLevels.OWN);

    private static final String SUBJECT = "sampling";

    /// Where the noise levels of flow matching come from, before they are shifted.
    public enum FlowLevels {
        /// The scheduler's own.
        OWN,
        /// Equally distant, from 1 to 1 over the number of steps: what the reference's FLUX
        /// pipelines give the scheduler.
        EVEN,
        /// As [#EVEN], but for solvers told to `use_flow_sigmas`, which keep their own: what the
        /// reference's FLUX text-to-image pipeline does.
        EVEN_UNLESS_SOLVER
    }

    /// Checks the ranges that no scheduler widens.
    public SamplingOptions {
        if (!(eta >= 0 && eta <= 1)) {
            throw new UnsupportedSchedulerException(SUBJECT, "eta", "" + eta, "0 to 1");
        }
        if (startStep < 0) {
            throw new UnsupportedSchedulerException(
                    SUBJECT, "startStep", "" + startStep, "at least 0");
        }
        if (!(distilledShare > 0 && distilledShare <= 1)) {
            throw new UnsupportedSchedulerException(
                    SUBJECT, "distilledShare", "" + distilledShare, "above 0, to 1");
        }
        if (mu != null && !Double.isFinite(mu)) {
            throw new UnsupportedSchedulerException(SUBJECT, "mu", "" + mu, "a finite number");
        }
    }

    /// These options with another eta.
    public SamplingOptions withEta(double other) {
        return new SamplingOptions(other, startStep, distilledShare, mu, flowLevels);
    }

    /// These options with another first step.
    public SamplingOptions withStartStep(int other) {
        return new SamplingOptions(eta, other, distilledShare, mu, flowLevels);
    }

    /// These options with another share of the distilled timesteps.
    public SamplingOptions withDistilledShare(double other) {
        return new SamplingOptions(eta, startStep, other, mu, flowLevels);
    }

    /// These options with a shift for the size of the picture.
    public SamplingOptions withMu(double other) {
        return new SamplingOptions(eta, startStep, distilledShare, other, flowLevels);
    }

    /// These options with another source of noise levels.
    public SamplingOptions withFlowLevels(FlowLevels other) {
        return new SamplingOptions(eta, startStep, distilledShare, mu, other);
    }

    /// The first step of `steps` for a sample noised as much as `strength` (0 to 1) says: the whole
    /// steps that `strength` allows are made. `steps` itself where it allows none.
    ///
    /// Source: `get_timesteps` of
    /// `pipelines/stable_diffusion/pipeline_stable_diffusion_img2img.py`.
    public static int startStepOf(int steps, double strength) {
        return steps - Math.min((int) (steps * strength), steps);
    }

    /// As [#startStepOf], where a step that `strength` allows in part is made too.
    ///
    /// Source: `get_timesteps` of `pipelines/flux/pipeline_flux_img2img.py`, and of Stable
    /// Diffusion 3's.
    public static int flowStartStepOf(int steps, double strength) {
        return (int) Math.max(steps - Math.min(steps * strength, steps), 0);
    }

    /// Refuses what only a few schedulers take: `scheduler` is none of them.
    void requireNeither(String scheduler) {
        requireNoEta(scheduler);
        requireNoDistilledShare(scheduler);
    }

    /// Refuses an eta that `scheduler` would ignore.
    void requireNoEta(String scheduler) {
        if (eta != 0) {
            throw new UnsupportedSchedulerException(
                    scheduler, "eta", "" + eta, "0 (only ddim and tcd use eta)");
        }
    }

    /// Refuses a share of distilled timesteps: `scheduler` has none.
    void requireNoDistilledShare(String scheduler) {
        if (distilledShare != 1) {
            throw new UnsupportedSchedulerException(
                    scheduler,
                    "distilledShare",
                    "" + distilledShare,
                    "1 (only lcm and tcd choose from distilled timesteps)");
        }
    }
}
