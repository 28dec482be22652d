package dev.darkroom.worker.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.worker.intake.JobSource;
import dev.darkroom.worker.intake.Lease;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class JobSlotsTest {
    private final Vertx vertx = Vertx.vertx();
    private final Records records = new Records();

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void aSlotOutlivesWhateverComesOutOfItsWork() throws InterruptedException {
        BlockingQueue<String> done = new LinkedBlockingQueue<>();
        List<Throwable> thrown =
                List.of(
                        new IllegalStateException("bad"),
                        new OutOfMemoryError("heap"),
                        new NoClassDefFoundError("gone"),
                        new StackOverflowError());
        JobSlots slots =
                slots(lease -> {
                    int offset = (int) lease.origin().offset();
                    if (offset < thrown.size()) {
                        switch (thrown.get(offset)) {
                            case RuntimeException e -> throw e;
                            case Error e -> throw e;
                            case Throwable e -> throw new IllegalStateException(e);
                        }
                    }
                    done.add("record " + offset);
                });
        for (int offset = 0; offset <= thrown.size(); offset++) {
            records.offer(offset);
        }

        slots.start();

        assertThat(done.take()).isEqualTo("record " + thrown.size());
        slots.close();
        assertThat(slots.await(Duration.ofSeconds(10))).isTrue();
        assertThat(records.released).containsExactly(0L, 1L, 2L, 3L);
        assertThat(slots.busy()).isZero();
    }

    @Test
    void worksOnVirtualThreadsAndCountsThoseThatAreBusy() throws InterruptedException {
        BlockingQueue<Boolean> virtual = new LinkedBlockingQueue<>();
        CountDownLatch go = new CountDownLatch(1);
        JobSlots slots =
                slots(_ -> {
                    virtual.add(Thread.currentThread().isVirtual());
                    go.await();
                });
        slots.start();
        records.offer(0);

        assertThat(virtual.take()).isTrue();
        assertThat(slots.busy()).isEqualTo(1);
        assertThat(slots.count()).isEqualTo(1);

        slots.stop();
        assertThat(slots.await(Duration.ofMillis(1))).as("a job in hand goes on").isFalse();
        go.countDown();
        assertThat(slots.await(Duration.ofSeconds(10))).isTrue();
        slots.close();
    }

    private JobSlots slots(JobSlots.Work work) {
        return new JobSlots(vertx, List.of(records), work, () -> {});
    }

    /// A queue in memory.
    private static final class Records implements JobSource {
        private final BlockingQueue<Optional<Lease>> waiting = new LinkedBlockingQueue<>();
        private final BlockingQueue<Long> released = new LinkedBlockingQueue<>();

        void offer(long offset) {
            waiting.add(Optional.of(new TestRecord(offset, released)));
        }

        @Override
        public Optional<Lease> take() throws InterruptedException {
            return waiting.take();
        }

        @Override
        public void stop() {
            waiting.add(Optional.empty());
        }

        @Override
        public void close() {
            stop();
        }
    }

    private record TestRecord(long offset, BlockingQueue<Long> released) implements Lease {
        @Override
        public @Nullable String key() {
            return null;
        }

        @Override
        public byte[] value() {
            return new byte[0];
        }

        @Override
        public Origin origin() {
            return new Origin("jobs", 0, offset);
        }

        @Override
        public int deliveryCount() {
            return 1;
        }

        @Override
        public boolean lost() {
            return false;
        }

        @Override
        public void onLost(Runnable action) {}

        @Override
        public void accept() {}

        @Override
        public void release() {
            released.add(offset);
        }
    }
}
