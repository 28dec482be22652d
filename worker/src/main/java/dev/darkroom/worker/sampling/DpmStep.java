package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;

/// The weights of one step of a [DpmAlgorithm]: it moves a sample to a sum of the sample, the
/// output at its start, that output's first and second differences in `λ`, and noise. Immutable.
///
/// Source: Lu et al. 2022 (DPM-Solver++), appendix B, and the reference's variants of it in
/// `schedulers/scheduling_dpmsolver_multistep.py`.
///
/// @param length of the step in `λ`
/// @param ofSample the sample's weight
/// @param ofOutput the output's
/// @param ofFirst the first difference's, per unit of the step
/// @param ofSecond the second difference's, per unit of the step squared
/// @param ofNoise the fresh noise's; 0 where the algorithm adds none
record DpmStep(
        float length,
        float ofSample,
        float ofOutput,
        float ofFirst,
        float ofSecond,
        float ofNoise) {
    /// The step of `algorithm` from level `from` to level `to`.
    static DpmStep between(float from, float to, DpmAlgorithm algorithm, LevelScale scale) {
        float alpha = scale.alpha(to);
        float sigma = scale.noise(to);
        float alphaBefore = scale.alpha(from);
        float sigmaBefore = scale.noise(from);
        float h = scale.lambda(to) - scale.lambda(from);
        float ofSample = 0;
        float weight = 0; // of everything that is extrapolated
        float exponent = 0; // the h of this algorithm's exponential integrator
        float ofNoise = 0;
        switch (algorithm) {
            case ORIGINAL -> {
                ofSample = sigma / sigmaBefore;
                weight = alpha;
                exponent = -h;
            }
            case EPSILON -> {
                ofSample = alpha / alphaBefore;
                weight = sigma;
                exponent = h;
            }
            case STOCHASTIC_ORIGINAL -> {
                ofSample = sigma / sigmaBefore * (float) Math.exp(-h);
                weight = alpha;
                exponent = -2 * h;
                ofNoise = sigma * (float) Math.sqrt(1 - (float) Math.exp(-2 * h));
            }
            case STOCHASTIC_EPSILON -> {
                ofSample = alpha / alphaBefore;
                weight = 2 * sigma;
                exponent = h;
                ofNoise = sigma * (float) Math.sqrt((float) Math.exp(2 * h) - 1);
            }
        }
        float growth = (float) Math.exp(exponent) - 1;
        // The reference adds the half for this one algorithm; a Taylor series would subtract it.
        float half = algorithm == DpmAlgorithm.STOCHASTIC_ORIGINAL ? -0.5f : 0.5f;
        return new DpmStep(
                h,
                ofSample,
                -weight * growth,
                -weight * (growth / exponent - 1),
                -weight * ((growth - exponent) / (exponent * exponent) - half),
                ofNoise);
    }

    /// The weight of the first difference in a step of second order.
    float ofFirst(DpmAlgorithm.Solver solver) {
        return switch (solver) {
            case MIDPOINT -> 0.5f * ofOutput;
            case HEUN -> ofFirst;
        };
    }

    /// Adds the noise of the step to `sample`.
    void addNoise(FloatTensor noise, FloatTensor sample) {
        int size = sample.shape().elements();
        for (int i = 0; i < size; i++) {
            sample.set(i, sample.get(i) + ofNoise * noise.get(i));
        }
    }
}
