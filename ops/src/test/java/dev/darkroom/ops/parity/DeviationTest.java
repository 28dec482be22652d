package dev.darkroom.ops.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import org.junit.jupiter.api.Test;

class DeviationTest {
    @Test
    void relativeErrorIsMeasuredByTheGreatestMagnitude() {
        assertThat(Deviation.relativeError(tensor(1, -2.5f), tensor(1, -2))).isEqualTo(0.25);
        assertThat(Deviation.relativeError(tensor(0, 0), tensor(0, 0))).isZero();
        assertThat(Deviation.relativeError(tensor(0, 1), tensor(0, 0))).isInfinite();
    }

    @Test
    void whatIsNoNumberIsWithinNoTolerance() {
        double error = Deviation.relativeError(tensor(1, Float.NaN), tensor(1, 1));
        assertThat(error).isNaN();
        assertThat(new Outcome.Made(null, new Outcome.Worst("x", error), 1).within()).isFalse();
        assertThat(new Outcome.Followed(new Outcome.Worst("x", error)).within()).isFalse();
        assertThat(Deviation.share(tensor(1, Float.NaN), tensor(1, 1), 1)).isEqualTo(0.5);
    }

    @Test
    void everyPartOfACaseMustBeWithin() {
        Outcome.Worst near = new Outcome.Worst("near", 1e-3);
        Outcome.Worst far = new Outcome.Worst("far", 1.01e-3);
        assertThat(new Outcome.Made(near, near, 0.999).within()).isTrue();
        assertThat(new Outcome.Made(null, null, 1).within()).isTrue();
        assertThat(new Outcome.Made(far, near, 1).within()).isFalse();
        assertThat(new Outcome.Made(near, far, 1).within()).isFalse();
        assertThat(new Outcome.Made(near, near, 0.998).within()).isFalse();
        assertThat(new Outcome.Followed(near).within()).isFalse();
    }

    @Test
    void otherShapesCannotBeCompared() {
        assertThatThrownBy(() -> Deviation.relativeError(tensor(1), tensor(1, 2)))
                .isInstanceOf(ReferenceException.class)
                .hasMessage("made [1], the reference has [2]");
    }

    private static FloatTensor tensor(float... values) {
        return FloatTensor.of(Shape.of(values.length), values);
    }
}
