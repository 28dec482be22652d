package dev.darkroom.worker.sampling;

/// What a job, rather than a model's folder, says about sampling.
///
/// @param eta how much fresh noise DDIM adds at each step, 0 (none) to 1 (as much as DDPM): η in
///   Song et al. 2020 ("Denoising Diffusion Implicit Models"), equation 16; other schedulers take 0
///   only
public record SamplingOptions(double eta) {
    /// What holds where a job says nothing.
    public static final SamplingOptions DEFAULTS = new SamplingOptions(0);

    /// Checks the range.
    public SamplingOptions {
        if (!(eta >= 0 && eta <= 1)) {
            throw new UnsupportedSchedulerException("sampling", "eta", "" + eta, "0 to 1");
        }
    }

    /// Refuses an eta that `scheduler` would ignore.
    void requireNoEta(String scheduler) {
        if (eta != 0) {
            throw new UnsupportedSchedulerException(
                    scheduler, "eta", "" + eta, "0 (only ddim uses eta)");
        }
    }
}
