package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;

/// A run over samples of the scale that the model takes: `x = α x₀ + σ ε`, noise alone at first.
interface VariancePreservingRun extends SchedulerRun {
    /// How large the clean sample is in a sample at this call.
    float alpha(int call);

    /// How large the noise is in a sample at this call.
    float sigma(int call);

    @Override
    default double initNoiseSigma() {
        return 1;
    }

    @Override
    default void scaleModelInput(FloatTensor sample, int call, FloatTensor into) {
        into.copyFrom(sample);
    }

    @Override
    default void addNoise(FloatTensor clean, FloatTensor noise, int call, FloatTensor into) {
        float alpha = alpha(call);
        float sigma = sigma(call);
        int size = clean.shape().elements();
        for (int i = 0; i < size; i++) {
            into.set(i, alpha * clean.get(i) + sigma * noise.get(i));
        }
    }
}
