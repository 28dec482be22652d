package dev.darkroom.worker.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darkroom.protocol.failure.Violation;
import dev.darkroom.protocol.job.Control;
import dev.darkroom.protocol.job.Guides;
import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.InputUri;
import dev.darkroom.protocol.job.Outputs;
import dev.darkroom.protocol.job.Prompt;
import dev.darkroom.protocol.job.Sampling;
import dev.darkroom.protocol.job.Size;
import dev.darkroom.protocol.job.Spec;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InputRulesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://darkroom/a/b c.png",
                "s3://pictures/x",
                "https://images.example.com/cat.png?X-Amz-Signature=a%2Fb",
                "https://IMAGES.example.com:443/cat.png",
                "https://a.cdn.example.com/cat",
                "https://a.b.cdn.example.com/cat",
                "https://store.example.com:8443/cat",
                "https://minio.inside/cat"
            })
    void takesWhatIsOnALists(String uri) {
        assertThat(
                        rules("images.example.com", "*.cdn.example.com", "store.example.com:8443")
                                .violations(init(uri)))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "s3://other/x                        | an object in darkroom, pictures;",
                "s3:///x                             | s3://bucket/key",
                "s3://darkroom/                      | s3://bucket/key",
                "https://example.com/cat             | one of the hosts that the worker's setting inputs.hosts names: images.example.com, minio.inside",
                "https://images.example.com.evil/cat | one of the hosts",
                "https://evilimages.example.com/cat  | one of the hosts",
                "https://images.example.com./cat     | one of the hosts",
                "https://images.example.com:444/cat  | one of the hosts",
                "https://user@images.example.com/cat | an https:// address without user and password",
                "https://images.example.com@evil/cat | an https:// address without user and password",
                "https://evil#@images.example.com/   | one of the hosts",
                "https://evil\\@images.example.com/   | a sound address",
                "https://127.0.0.1/cat               | one of the hosts",
                "https://[::1]/cat                   | one of the hosts",
                "https://exämple.com/cat             | an https:// address with a host",
                "https:/images.example.com/cat       | an https:// address with a host",
                "http://images.example.com/cat       | s3://bucket/key, or an https:// address",
                "file:///etc/passwd                  | s3://bucket/key, or an https:// address"
            })
    void refusesEverythingElseSayingWhatIsLegal(String uri, String legal) {
        assertThat(rules("images.example.com").violations(init(uri)))
                .singleElement()
                .satisfies(violation -> {
                    assertThat(violation.field()).isEqualTo("spec.init.uri");
                    assertThat(violation.value()).isEqualTo(new InputUri(uri).shown());
                    assertThat(violation.legal()).startsWith(legal);
                });
    }

    @Test
    void refusesKeysThatNoStoreHas() {
        String longest = "s3://darkroom/" + "é".repeat(512);

        assertThat(rules().violations(init(longest))).isEmpty();
        assertThat(rules().violations(init(longest + "x")))
                .extracting(Violation::legal)
                .containsExactly("s3://bucket/key with a key of at most 1024 bytes");
    }

    @Test
    void namesTheSettingWhenNoHostIsAllowed() {
        InputRules closed =
                new InputRules(
                        Set.of("darkroom"),
                        List.of(),
                        List.of(),
                        InputsTest.SIZES,
                        InputsTest.TIMES);
        assertThat(closed.violations(init("https://images.example.com/cat.png?key=secret")))
                .extracting(Violation::message)
                .containsExactly(
                        "spec.init.uri is https://images.example.com/cat.png; legal: an s3://"
                                + " address; https:// needs the worker's setting inputs.hosts,"
                                + " which is empty");
    }

    @Test
    void namesEveryFieldAtOnce() {
        Control control = new Control("default", new InputUri("s3://c/x"), 1, 0, 1);
        Spec spec =
                spec(
                        new Guides(
                                new InputUri("s3://a/x"),
                                null,
                                new InputUri("s3://b/x"),
                                List.of(control, control)));
        assertThat(rules().violations(spec))
                .extracting(Violation::field)
                .containsExactly(
                        "spec.init.uri",
                        "spec.mask.uri",
                        "spec.control[0].image.uri",
                        "spec.control[1].image.uri");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"https://host", "host/path", "host:0", "host:65536", "*", "*.", "a b", ".a"})
    void refusesHostsThatAreNone(String written) {
        assertThatThrownBy(() -> HostPattern.of(written))
                .hasMessage("legal: hosts without a scheme, each as host, host:port or *.domain");
    }

    @ParameterizedTest
    @ValueSource(strings = {"host", "a.b-c.example", "*.b.example", "host:8443", "[fd00::1]:9000"})
    void hostsAreShownAsTheyAreWritten(String written) {
        assertThat(HostPattern.of(written)).hasToString(written);
    }

    @Test
    void aDomainsHostsAreBelowIt() {
        assertThat(HostPattern.of("*.b.example").matches("a.b.example", 443)).isTrue();
        assertThat(HostPattern.of("*.b.example").matches("b.example", 443)).isFalse();
        assertThat(HostPattern.of("*.b.example").matches("ab.example", 443)).isFalse();
        assertThat(HostPattern.of("[FD00::1]").matches("fd00::1", 443)).isTrue();
    }

    private static InputRules rules(String... hosts) {
        return new InputRules(
                Set.of("darkroom", "pictures"),
                Arrays.stream(hosts).map(HostPattern::of).toList(),
                List.of(HostPattern.of("minio.inside")),
                InputsTest.SIZES,
                new InputRules.Times(Duration.ofSeconds(1), Duration.ofSeconds(1)));
    }

    static Spec init(String uri) {
        return spec(new Guides(new InputUri(uri), 0.5, null, List.of()));
    }

    static Spec spec(Guides guides) {
        return new ImageSpec(
                new Prompt("a cat", null),
                Outputs.DEFAULTS,
                new Sampling(null, null, null, null, null, null),
                new Size(64, 64),
                guides);
    }
}
