package dev.darkroom.worker.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.protocol.job.JobId;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The lane on the thread that a worker gives it.
@Timeout(60)
final class DeviceThreadTest {
    @Test
    void isOneNamedThreadForRunsAndCalls() throws Exception {
        Vertx vertx = Vertx.vertx();
        TinyGraph graph = TinyGraph.vector("tiny");
        try (DeviceThread device = new DeviceThread(vertx, "device");
                DeviceLane lane = new DeviceLane(device, new CapPolicy.Learnt(8), new RunLog());
                DeviceLane.Ticket ticket = lane.open(new JobId("a"))) {
            Thread thread = lane.call(Thread::currentThread);
            Evaluation evaluation = graph.evaluation(1, 2, 3);
            for (int step = 0; step < 20; step++) {
                ticket.evaluate(evaluation);
            }
            assertThat(evaluation.output("out").get(0)).isEqualTo(5);
            assertThat(thread.getName()).startsWith("device");
            assertThat(thread.isVirtual()).isFalse();
            assertThat(graph.runs()).extracting(TinyGraph.Run::thread).containsOnly(thread);
            assertThat(lane.busySeconds()).isPositive();
        } finally {
            vertx.close().await(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void anObserverOfSeveralTellsEach() {
        StringBuilder told = new StringBuilder();
        LaneObserver observer = LaneObserver.all(List.of(one(told, "a"), one(told, "b")));
        observer.stalled(Duration.ofMillis(3));
        observer.lost(new IllegalStateException("x"));
        assertThat(told).hasToString("a3b3axbx");
    }

    private static LaneObserver one(StringBuilder told, String name) {
        return new LaneObserver() {
            @Override
            public void ran(RunRecord run) {}

            @Override
            public void stalled(Duration time) {
                told.append(name).append(time.toMillis());
            }

            @Override
            public void lost(Throwable cause) {
                told.append(name).append(cause.getMessage());
            }
        };
    }
}
