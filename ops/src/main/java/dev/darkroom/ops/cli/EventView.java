package dev.darkroom.ops.cli;

import dev.darkroom.protocol.codec.EventCodec;
import dev.darkroom.protocol.event.JobEvent;
import java.io.PrintStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Shows the events of one followed job as they come. For one thread.
sealed interface EventView {
    /// Shows an event; events come in order.
    void show(JobEvent event);

    /// The view for people that fits what they read it on.
    static EventView of(Console console) {
        return switch (console.screen()) {
            case TERMINAL -> new Live(console.out(), console.progressBar());
            case PLAIN -> new Plain(console.out());
        };
    }

    /// Draws progress over and over in one line, and writes everything else as lines above it.
    final class Live implements EventView {
        private static final String LINE_START_AND_CLEAR = "\r\033[K";

        private final PrintStream out;
        private final ProgressBar bar;

        // Owned by the thread that shows.
        private boolean drawn;

        Live(PrintStream out, ProgressBar bar) {
            this.out = out;
            this.bar = bar;
        }

        @Override
        public void show(JobEvent event) {
            if (drawn) {
                out.print(LINE_START_AND_CLEAR);
            }
            drawn = event instanceof JobEvent.Progress;
            if (event instanceof JobEvent.Progress progress) {
                out.print(bar.line(progress));
                out.flush();
            } else {
                EventWords.lines(event).forEach(out::println);
            }
        }
    }

    /// Writes lines: of the progress, what is new by a stage or a tenth of the job.
    final class Plain implements EventView {
        private final PrintStream out;

        // Owned by the thread that shows.
        private @Nullable String last;

        Plain(PrintStream out) {
            this.out = out;
        }

        @Override
        public void show(JobEvent event) {
            if (event instanceof JobEvent.Progress progress) {
                String position = progress.stage() + " " + (int) (progress.fraction() * 10);
                if (position.equals(last)) {
                    return;
                }
                last = position;
            }
            EventWords.lines(event).forEach(out::println);
        }
    }

    /// Shows events as another view does, and keeps the last start.
    final class Started implements EventView {
        private final EventView shown;

        // Owned by the thread that shows.
        private JobEvent.@Nullable Started last;

        Started(EventView shown) {
            this.shown = shown;
        }

        @Override
        public void show(JobEvent event) {
            if (event instanceof JobEvent.Started started) {
                last = started;
            }
            shown.show(event);
        }

        /// The last start that was shown.
        Optional<JobEvent.Started> last() {
            return Optional.ofNullable(last);
        }
    }

    /// Shows nothing.
    record Silent() implements EventView {
        @Override
        public void show(JobEvent event) {
            // Whoever asked for this wants the end alone.
        }
    }

    /// Writes every event of many jobs as lines that begin with the job.
    record Named(PrintStream out) implements EventView {
        @Override
        public void show(JobEvent event) {
            EventWords.lines(event)
                    .forEach(line -> out.println(event.header().job() + "  " + line));
        }
    }

    /// Writes every event as one line of JSON: a structured CloudEvent.
    record Json(PrintStream out) implements EventView {
        @Override
        public void show(JobEvent event) {
            out.println(EventCodec.encodeStructured(event));
        }
    }
}
