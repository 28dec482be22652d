package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;
import java.util.Arrays;

/// The bounds that a predicted clean sample is held to. Immutable.
///
/// Dynamic thresholding: Saharia et al. 2022 (Imagen), section 2.3; `_threshold_sample` of
/// `schedulers/scheduling_ddpm.py`.
final class SampleBounds {
    private enum Kind {
        NONE,
        CLIP,
        THRESHOLD
    }

    private final Kind kind;
    private final float range;
    private final double ratio;
    private final float greatest;

    private SampleBounds(Kind kind, float range, double ratio, float greatest) {
        this.kind = kind;
        this.range = range;
        this.ratio = ratio;
        this.greatest = greatest;
    }

    /// What the fields of a class say that clips (by default) or thresholds.
    static SampleBounds clippingOrThreshold(Fields fields) {
        boolean clip = fields.onUnlessGiven("clip_sample");
        float range = (float) fields.number("clip_sample_range", 1);
        return of(fields, clip ? Kind.CLIP : Kind.NONE, range);
    }

    /// What the fields of a class say that thresholds, or clips where it is told to.
    static SampleBounds thresholdOrClipping(Fields fields) {
        SampleBounds clipping = clipping(fields);
        return of(fields, clipping.kind, clipping.range);
    }

    /// What the fields of a class say that only clips, and only where it is told to.
    static SampleBounds clipping(Fields fields) {
        boolean clip = fields.offUnlessGiven("clip_sample");
        float range = (float) fields.number("clip_sample_range", 1);
        return new SampleBounds(clip ? Kind.CLIP : Kind.NONE, range, 1, 1);
    }

    /// No bounds.
    static SampleBounds none() {
        return new SampleBounds(Kind.NONE, 0, 1, 1);
    }

    /// What the fields of a class say that only thresholds.
    static SampleBounds threshold(Fields fields) {
        return of(fields, Kind.NONE, 0);
    }

    private static SampleBounds of(Fields fields, Kind otherwise, float range) {
        boolean threshold = fields.offUnlessGiven("thresholding");
        double ratio = fields.number("dynamic_thresholding_ratio", 0.995);
        if (ratio < 0 || ratio > 1) {
            throw fields.refusal("dynamic_thresholding_ratio", "0 to 1");
        }
        float greatest = (float) fields.number("sample_max_value", 1);
        return new SampleBounds(threshold ? Kind.THRESHOLD : otherwise, range, ratio, greatest);
    }

    /// The scratch memory that [#apply] needs for samples of `elements` elements.
    float[] scratch(int elements) {
        return new float[kind == Kind.THRESHOLD ? elements : 0];
    }

    /// Holds `original` to the bounds, in place.
    void apply(FloatTensor original, float[] scratch) {
        switch (kind) {
            case NONE -> {}
            case CLIP -> {
                int size = original.shape().elements();
                for (int i = 0; i < size; i++) {
                    original.set(i, within(original.get(i), range));
                }
            }
            case THRESHOLD -> {
                float bound = Math.min(Math.max(quantile(original, scratch), 1), greatest);
                for (int i = 0; i < scratch.length; i++) {
                    original.set(i, within(original.get(i), bound) / bound);
                }
            }
        }
    }

    /// `value` held to −`bound` to `bound`; what is no number stays none.
    private static float within(float value, float bound) {
        return Math.min(Math.max(value, -bound), bound);
    }

    /// The magnitude below which the share `ratio` of the elements lies, linear between elements.
    private float quantile(FloatTensor original, float[] scratch) {
        for (int i = 0; i < scratch.length; i++) {
            scratch[i] = Math.abs(original.get(i));
        }
        Arrays.sort(scratch);
        double rank = ratio * (scratch.length - 1);
        int below = (int) rank;
        int above = Math.min(below + 1, scratch.length - 1);
        return (float) (scratch[below] + (rank - below) * (scratch[above] - scratch[below]));
    }
}
