package dev.darkroom.worker.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darkroom.worker.device.StoppedException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JobControlTest {
    private final JobControl control = new JobControl();

    @Test
    void keepsTheFirstReasonThatEndsTheJob() {
        control.stop(new Stop.Cancelled("first"));
        control.stop(new Stop.DeadlinePassed(Instant.EPOCH));

        assertThat(control.reason()).contains(new Stop.Cancelled("first"));
        assertThat(control.gone()).isFalse();
    }

    @Test
    void letsALostLockOverruleACancellation() {
        control.stop(new Stop.Cancelled("too late"));
        control.stop(new Stop.LockLost());
        control.stop(new Stop.Draining());

        assertThat(control.reason()).contains(new Stop.LockLost());
        assertThat(control.gone()).isTrue();
    }

    @Test
    void callsEveryActionOnceWheneverItWasAdded() {
        List<String> called = new ArrayList<>();
        control.onStop(() -> called.add("before"));
        control.stop(new Stop.Draining());
        control.stop(new Stop.Draining());
        control.onStop(() -> called.add("after"));

        assertThat(called).containsExactly("before", "after");
    }

    @Test
    void letsAJobPassUntilItIsStopped() {
        assertThatCode(() -> control.check("here")).doesNotThrowAnyException();
        control.stop(new Stop.Draining());

        assertThatThrownBy(() -> control.check("here"))
                .isInstanceOf(StoppedException.class)
                .hasMessageContaining("here");
    }
}
