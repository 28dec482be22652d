package dev.darkroom.worker.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.protocol.event.Command.Cancel;
import dev.darkroom.protocol.job.JobId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class CancelBookTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final JobId JOB = new JobId("job");
    private static final JobId OTHER = new JobId("other");

    private final CancelBook book = new CancelBook(Duration.ofDays(7));
    private final List<Cancel> told = new ArrayList<>();
    private final Consumer<Cancel> watcher = told::add;

    @Test
    void commandHoldsForTheJobThatItNames() {
        book.add(cancel(JOB, "changed my mind"), NOW);
        assertThat(book.find(JOB)).contains(cancel(JOB, "changed my mind"));
        assertThat(book.find(OTHER)).isEmpty();
    }

    @Test
    void watcherIsToldOnceWhenTheCommandComes() {
        book.watch(JOB, watcher);
        book.add(cancel(OTHER, "not mine"), NOW);
        assertThat(told).isEmpty();
        book.add(cancel(JOB, "first"), NOW);
        book.add(cancel(JOB, "second"), NOW);
        assertThat(told).containsExactly(cancel(JOB, "first"));
    }

    @Test
    void watcherIsToldAtOnceWhenTheCommandWasThereBefore() {
        book.add(cancel(JOB, "early"), NOW);
        book.watch(JOB, watcher);
        assertThat(told).containsExactly(cancel(JOB, "early"));
    }

    @Test
    void watcherThatEndedIsNotTold() {
        List<Cancel> others = new ArrayList<>();
        book.watch(JOB, watcher);
        book.watch(JOB, others::add);
        book.unwatch(JOB, watcher);
        book.unwatch(OTHER, watcher);
        book.add(cancel(JOB, "late"), NOW);
        assertThat(told).isEmpty();
        assertThat(others).hasSize(1);
    }

    @Test
    void forgetsWhatTheTopicNoLongerKeeps() {
        book.add(cancel(JOB, "old"), NOW.minus(Duration.ofDays(7)).minusMillis(1));
        book.add(cancel(OTHER, "young"), NOW.minus(Duration.ofDays(7)));
        book.expire(NOW);
        assertThat(book.find(JOB)).isEmpty();
        assertThat(book.find(OTHER)).isPresent();
        assertThat(book.size()).isEqualTo(1);
    }

    @Test
    void forgetsACommandWhoseRecordWasDeleted() {
        book.add(cancel(JOB, "withdrawn"), NOW);
        book.remove(JOB);
        assertThat(book.find(JOB)).isEmpty();
    }

    private static Cancel cancel(JobId job, String reason) {
        return new Cancel(job, reason);
    }
}
