package dev.darkroom.worker.sampling;

/// How large clean sample and noise are in a sample at noise level `σ`: `x = α x₀ + σₓ ε`.
///
/// Source: `_sigma_to_alpha_sigma_t` of the reference's schedulers, with its rounding.
enum LevelScale {
    /// The sample's variance stays: `α² + σₓ² = 1` and `σ = σₓ / α`.
    VARIANCE_PRESERVING {
        @Override
        float alpha(float sigma) {
            return 1 / (float) Math.sqrt(sigma * sigma + 1);
        }

        @Override
        float noise(float sigma) {
            return sigma * alpha(sigma);
        }
    },
    /// Flow matching's straight line from noise to clean sample: `α = 1 − σ`.
    FLOW {
        @Override
        float alpha(float sigma) {
            return 1 - sigma;
        }
    },
    /// The clean sample stays: `α = 1`.
    VARIANCE_EXPLODING {
        @Override
        float alpha(float sigma) {
            return 1;
        }
    };

    /// `α` at level `sigma`.
    abstract float alpha(float sigma);

    /// `σₓ` at level `sigma`.
    float noise(float sigma) {
        return sigma;
    }

    /// `λ = log(α / σₓ)` at level `sigma`; infinite where there is no noise.
    float lambda(float sigma) {
        return (float) Math.log(alpha(sigma)) - (float) Math.log(noise(sigma));
    }
}
