package dev.darkroom.protocol.client;

import static dev.darkroom.protocol.client.Events.cancelled;
import static dev.darkroom.protocol.client.Events.handedBack;
import static dev.darkroom.protocol.client.Events.progress;
import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.protocol.event.JobEvent;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TimelineTest {
    @ParameterizedTest(name = "{0}")
    @MethodSource("histories")
    void tellsNewsFromWhatIsStale(String what, List<JobEvent> history, List<Boolean> news) {
        Timeline timeline = new Timeline();

        assertThat(history.stream().map(timeline::isNews)).isEqualTo(news);
    }

    private static Stream<Arguments> histories() {
        return Stream.of(
                history(
                        "in order",
                        List.of(handedBack(1, 0, 0), progress(1, 0, 1), cancelled(1, 0, 2)),
                        true,
                        true,
                        true),
                history(
                        "repeated",
                        List.of(
                                handedBack(1, 0, 0),
                                handedBack(1, 0, 0),
                                progress(1, 0, 1),
                                progress(1, 0, 1)),
                        true,
                        false,
                        true,
                        false),
                history(
                        "older sequence",
                        List.of(progress(1, 0, 5), progress(1, 0, 4), progress(1, 0, 6)),
                        true,
                        false,
                        true),
                history(
                        "older attempt with a higher sequence",
                        List.of(progress(2, 0, 0), progress(1, 0, 9)),
                        true,
                        false),
                history(
                        "fewer hand-backs with a higher sequence",
                        List.of(progress(1, 1, 0), progress(1, 0, 9)),
                        true,
                        false),
                history(
                        "another run of the same attempt that counts anew",
                        List.of(
                                handedBack("r1", 0),
                                progress("r1", 9),
                                handedBack("r2", 0),
                                progress("r2", 1),
                                progress("r1", 10),
                                handedBack("r1", 11)),
                        true,
                        true,
                        true,
                        true,
                        false,
                        false),
                history(
                        "lifecycle overtaken by progress",
                        List.of(progress(1, 0, 3), handedBack(1, 0, 0)),
                        true,
                        true),
                history(
                        "progress overtaken by lifecycle",
                        List.of(handedBack(1, 0, 3), progress(1, 0, 2)),
                        true,
                        false),
                history(
                        "after the end",
                        List.of(
                                cancelled(1, 0, 0),
                                progress(2, 0, 0),
                                handedBack(2, 0, 1),
                                cancelled(2, 0, 2)),
                        true,
                        false,
                        false,
                        false),
                history(
                        "an end that counts anew",
                        List.of(progress(3, 2, 9), handedBack(3, 2, 10), cancelled(1, 0, 0)),
                        true,
                        true,
                        true));
    }

    private static Arguments history(String what, List<JobEvent> events, Boolean... news) {
        return Arguments.of(what, events, List.of(news));
    }
}
