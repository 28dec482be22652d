package dev.darkroom.worker.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class OperatorPortTest {
    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = HttpClient.newHttpClient();
    private volatile List<String> dead = List.of();
    private volatile List<String> missing = List.of();
    private volatile Supplier<List<String>> readiness = () -> missing;
    private OperatorPort port;

    @BeforeEach
    void open() {
        port =
                OperatorPort.open(
                        vertx,
                        "127.0.0.1",
                        0,
                        new OperatorPort.Pages(
                                () -> dead, () -> readiness.get(), () -> "darkroom_jobs_busy 3\n"));
    }

    @AfterEach
    void close() {
        port.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        client.close();
    }

    @Test
    void livesUntilOnlyANewProcessCanHelp() throws Exception {
        assertThat(get("/health/live").statusCode()).isEqualTo(200);

        dead = List.of("device: lost");

        assertThat(get("/health/live").statusCode()).isEqualTo(503);
        assertThat(get("/health/live").body())
                .isEqualTo("{\"status\":\"not alive\",\"missing\":[\"device: lost\"]}");
    }

    @Test
    void livesThoughEverybodyWaitsForAnAnswerAboutReadiness() throws Exception {
        int threads = VertxOptions.DEFAULT_WORKER_POOL_SIZE;
        CountDownLatch asked = new CountDownLatch(threads);
        CountDownLatch answer = new CountDownLatch(1);
        readiness =
                () -> {
                    asked.countDown();
                    try {
                        answer.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return List.of();
                };
        List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            waiting.add(
                    client.sendAsync(
                            request("/health/ready"), HttpResponse.BodyHandlers.ofString()));
        }

        asked.await();

        assertThat(get("/health/live").statusCode()).isEqualTo(200);

        answer.countDown();
        assertThat(waiting)
                .allSatisfy(ready -> assertThat(ready.get().statusCode()).isEqualTo(200));
    }

    @Test
    void isReadyOnceNothingIsMissingAndSaysWhatIs() throws Exception {
        missing = List.of("model emoji: is being loaded", "storage: away");
        HttpResponse<String> waiting = get("/health/ready");
        assertThat(waiting.statusCode()).isEqualTo(503);
        assertThat(waiting.body()).contains("model emoji: is being loaded", "storage: away");

        missing = List.of();

        assertThat(get("/health/ready").statusCode()).isEqualTo(200);
        assertThat(get("/health/ready").body()).isEqualTo("{\"status\":\"ready\",\"missing\":[]}");
    }

    @Test
    void servesMetricsAsPrometheusReadsThem() throws Exception {
        HttpResponse<String> metrics = get("/metrics");

        assertThat(metrics.statusCode()).isEqualTo(200);
        assertThat(metrics.headers().firstValue("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain"));
        assertThat(metrics.body()).isEqualTo("darkroom_jobs_busy 3\n");
    }

    @Test
    void servesNothingElse() throws Exception {
        assertThat(get("/").statusCode()).isEqualTo(404);
    }

    @Test
    void saysWhichSettingHelpsWhenTheAddressIsTaken() {
        OperatorPort.Pages pages = new OperatorPort.Pages(List::of, List::of, () -> "");
        assertThatThrownBy(() -> OperatorPort.open(vertx, "127.0.0.1", port.port(), pages).close())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("127.0.0.1:" + port.port())
                .hasMessageContaining("set http.host and http.port");
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(request(path), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port.port() + path)).build();
    }
}
