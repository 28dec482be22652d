package dev.darkroom.worker.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpsServer;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.job.InputUri;
import dev.darkroom.worker.input.HttpsSource.Reach;
import dev.darkroom.worker.storage.BodyTooLargeException;
import dev.darkroom.worker.storage.StoreUnavailableException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class HttpsSourceTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress PUBLIC = InetAddress.ofLiteral("8.8.8.8");
    private static final byte[] CONTENT = {1, 2, 3, 4, 5};

    @TempDir private static Path folder;

    private static @Nullable Certificates certificates;

    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final AtomicInteger resolved = new AtomicInteger();
    private HttpsServer server;
    private HttpsSource source;

    @BeforeAll
    static void makeCertificate() throws Exception {
        certificates = Certificates.make(folder);
    }

    @BeforeEach
    void start() throws IOException, GeneralSecurityException {
        server = certificates().server();
        source = source(Duration.ofSeconds(20), new InetAddress[] {LOOPBACK});
        serve(
                "/picture",
                exchange -> {
                    exchange.sendResponseHeaders(200, CONTENT.length);
                    exchange.getResponseBody().write(CONTENT);
                    exchange.close();
                });
    }

    @AfterEach
    void stop() {
        source.close();
        server.stop(0);
    }

    @Test
    void bringsAFileFromTheAddressAsItIsWritten() {
        assertThat(fetch("/picture/a%2Fb%20c.png?X-Amz-Signature=%2B%3D&x=1", Reach.ANYWHERE))
                .isEqualTo(CONTENT);
        assertThat(requests).containsExactly("/picture/a%2Fb%20c.png?X-Amz-Signature=%2B%3D&x=1");
    }

    @Test
    void asksForTheNameOnceAndConnectsToThatAnswer() {
        HttpsSource rebound =
                new HttpsSource(
                        Duration.ofSeconds(20),
                        _ ->
                                resolved.incrementAndGet() == 1
                                        ? new InetAddress[] {LOOPBACK}
                                        : new InetAddress[] {PUBLIC},
                        trust());
        try (rebound) {
            assertThat(rebound.fetch(location("/picture"), Reach.ANYWHERE, 100)).isEqualTo(CONTENT);
        }
        assertThat(resolved).hasValue(1);
    }

    @Test
    void everyRequestIsJudgedAnew() {
        fetch("/picture", Reach.ANYWHERE);
        fetch("/picture", Reach.ANYWHERE);
        assertThat(resolved).hasValue(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1"})
    void neverConnectsToAnAddressThatIsNotPublic(String address) {
        HttpsSource inside =
                source(
                        Duration.ofSeconds(20),
                        new InetAddress[] {PUBLIC, InetAddress.ofLiteral(address)});
        try (inside) {
            assertThatThrownBy(() -> inside.fetch(location("/picture"), Reach.PUBLIC, 100))
                    .isInstanceOf(InputRefusedException.class)
                    .hasMessageContaining("at a host that leads to a")
                    .hasMessageContaining("inputs.privateHosts")
                    .hasMessageNotContaining(address);
        }
        assertThat(requests).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "[::1]", "2130706433", "localhost"})
    void judgesAddressesInThePlaceOfANameToo(String host) {
        HttpsSource platform = HttpsSource.open(Duration.ofSeconds(20));
        try (platform) {
            Location.Https there = https("https://" + host + ":" + port() + "/picture");
            // A spelling that the platform does not know as a number is a name without an address.
            assertThatThrownBy(() -> platform.fetch(there, Reach.PUBLIC, 100))
                    .isInstanceOfAny(InputRefusedException.class, StoreUnavailableException.class);
        }
        assertThat(requests).isEmpty();
    }

    @Test
    void doesNotFollowRedirections() {
        serve(
                "/moved",
                exchange -> {
                    exchange.getResponseHeaders().add("Location", "/picture");
                    exchange.sendResponseHeaders(302, -1);
                    exchange.close();
                });
        assertThat(refusal("/moved").code()).isEqualTo(FailureCode.INPUT_REJECTED);
        assertThat(refusal("/moved"))
                .hasMessageContaining("a redirection (status 302), which is not followed");
        assertThat(requests).containsOnly("/moved");
    }

    @ParameterizedTest
    @CsvSource({
        "404, INPUT_NOT_FOUND, not there (status 404)",
        "410, INPUT_NOT_FOUND, not there (status 410)",
        "401, INPUT_REJECTED, refused by its host (status 401)",
        "403, INPUT_REJECTED, a presigned one may have expired",
        "204, INPUT_REJECTED, not given out whole (status 204)",
        "206, INPUT_REJECTED, not given out whole (status 206)"
    })
    void saysWhyThereIsNoFile(int status, FailureCode code, String words) {
        answer("/status", status);
        assertThat(refusal("/status").code()).isEqualTo(code);
        assertThat(refusal("/status")).hasMessageContaining(words);
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 429, 500, 503})
    void aHostInTroubleMayRecover(int status) {
        answer("/status", status);
        assertThatThrownBy(() -> fetch("/status", Reach.ANYWHERE))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("The host images.test answers with status " + status);
    }

    @Test
    void refusesTooLongAFileByItsHeader() {
        serve(
                "/long",
                exchange -> {
                    exchange.sendResponseHeaders(200, 1_000_000_000);
                    exchange.getResponseBody().flush();
                });
        assertThatThrownBy(() -> fetch("/long", Reach.ANYWHERE))
                .isInstanceOf(BodyTooLargeException.class)
                .hasMessage("1000000000 bytes long");
    }

    @Test
    void refusesTooLongAFileThatDoesNotSaySo() {
        serve(
                "/endless",
                exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    byte[] block = new byte[1024];
                    try {
                        while (true) {
                            exchange.getResponseBody().write(block);
                        }
                    } catch (IOException e) {
                        exchange.close();
                    }
                });
        assertThatThrownBy(() -> fetch("/endless", Reach.ANYWHERE))
                .isInstanceOf(BodyTooLargeException.class)
                .hasMessage("more than 100 bytes long");
    }

    @Test
    void doesNotUnpackAnAnswer() {
        serve(
                "/packed",
                exchange -> {
                    exchange.getResponseHeaders().add("Content-Encoding", "gzip");
                    exchange.sendResponseHeaders(200, CONTENT.length);
                    exchange.getResponseBody().write(CONTENT);
                    exchange.close();
                });
        assertThat(fetch("/packed", Reach.ANYWHERE)).isEqualTo(CONTENT);
    }

    @Test
    void givesUpOnADownloadThatTakesTooLong() {
        CountDownLatch over = new CountDownLatch(1);
        serve(
                "/slow",
                exchange -> {
                    exchange.sendResponseHeaders(200, 50);
                    exchange.getResponseBody().write(1);
                    exchange.getResponseBody().flush();
                    try {
                        over.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
        HttpsSource hasty = source(Duration.ofMillis(500), new InetAddress[] {LOOPBACK});
        try (hasty) {
            assertThatThrownBy(() -> hasty.fetch(location("/slow"), Reach.ANYWHERE, 100))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("took longer than 500 ms");
        } finally {
            over.countDown();
        }
    }

    @Test
    void givesUpOnAHostThatSaysNothing() throws IOException {
        HttpsSource hasty = source(Duration.ofMillis(500), new InetAddress[] {LOOPBACK});
        try (hasty;
                ServerSocket silent = new ServerSocket(0, 5, LOOPBACK)) {
            Location.Https there = https("https://images.test:" + silent.getLocalPort() + "/");
            assertThatThrownBy(() -> hasty.fetch(there, Reach.ANYWHERE, 100))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("took longer than 500 ms");
        }
    }

    @Test
    void doesNotKeepEndlessHeaders() {
        serve(
                "/headers",
                exchange -> {
                    exchange.getResponseHeaders().add("X-Long", "x".repeat(1_000_000));
                    exchange.sendResponseHeaders(200, -1);
                    exchange.close();
                });
        assertThatThrownBy(() -> fetch("/headers", Reach.ANYWHERE))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessage(
                        "The host images.test does not answer: Maximum line length limit exceeded");
    }

    @Test
    void refusesAHostThatCannotProveItself() {
        HttpsSource trusting =
                new HttpsSource(Duration.ofSeconds(20), _ -> new InetAddress[] {LOOPBACK}, null);
        try (trusting) {
            assertThatThrownBy(() -> trusting.fetch(location("/picture"), Reach.ANYWHERE, 100))
                    .isInstanceOf(InputRefusedException.class)
                    .hasMessageContaining("a certificate that the worker trusts");
        }
        Location.Https other = https("https://other.test:" + port() + "/picture");
        assertThatThrownBy(() -> source.fetch(other, Reach.ANYWHERE, 100))
                .isInstanceOf(InputRefusedException.class)
                .hasMessageContaining("a certificate that the worker trusts");
        assertThat(requests).isEmpty();
    }

    @Test
    void saysInWordsThatANameIsNotKnown() {
        HttpsSource lost =
                new HttpsSource(
                        Duration.ofSeconds(20),
                        host -> {
                            throw new UnknownHostException(host);
                        },
                        null);
        try (lost) {
            assertThatThrownBy(() -> lost.fetch(location("/picture"), Reach.ANYWHERE, 100))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessage(
                            "The host images.test does not answer: its name leads to no address");
        }
    }

    @Test
    void aHostThatIsAwayMayComeBack() {
        Location.Https there = location("/picture");
        server.stop(0);
        assertThatThrownBy(() -> source.fetch(there, Reach.ANYWHERE, 100))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("The host images.test does not answer");
    }

    private byte[] fetch(String path, Reach reach) {
        return source.fetch(location(path), reach, 100);
    }

    private InputRefusedException refusal(String path) {
        return catchThrowableOfType(InputRefusedException.class, () -> fetch(path, Reach.ANYWHERE));
    }

    private void answer(String path, int status) {
        serve(
                path,
                exchange -> {
                    exchange.sendResponseHeaders(status, -1);
                    exchange.close();
                });
    }

    private void serve(String path, HttpHandler handler) {
        server.createContext(
                path,
                exchange -> {
                    requests.add(exchange.getRequestURI().toString());
                    handler.handle(exchange);
                });
    }

    private Location.Https location(String path) {
        return https("https://images.test:" + port() + path);
    }

    private static Location.Https https(String uri) {
        return (Location.Https) Location.of(new InputUri(uri));
    }

    private int port() {
        return server.getAddress().getPort();
    }

    private HttpsSource source(Duration download, InetAddress[] addresses) {
        return new HttpsSource(
                download,
                _ -> {
                    resolved.incrementAndGet();
                    return addresses.clone();
                },
                trust());
    }

    private static SSLContext trust() {
        try {
            return certificates().trust();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static Certificates certificates() {
        if (certificates == null) {
            throw new AssertionError("made before all tests");
        }
        return certificates;
    }
}
