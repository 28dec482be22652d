package dev.darkroom.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.darkroom.protocol.failure.Failure;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.failure.Violation;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.json.Reading;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MalformedJobTest {
    private static final String EVENT =
            """
            {"specversion":"1.0","id":"j1","source":"/shop","type":"dev.darkroom.job.submitted.v1",\
            "subject":"j1","data":{"job":%s}}\
            """;

    @ParameterizedTest
    @MethodSource("texts")
    void refusesWhatIsNotAJob(byte[] value) {
        Failure failure = refusal(value);

        assertThat(failure.code()).isEqualTo(FailureCode.INVALID_JOB);
        assertThat(failure.violations()).isNotEmpty();
    }

    private static Stream<byte[]> texts() {
        return Stream.of(
                        "",
                        " ",
                        "null",
                        "true",
                        "7",
                        "\"job\"",
                        "[]",
                        "{}",
                        "{\"specVersion\":1,",
                        "<job/>",
                        "NaN",
                        "{'specVersion':1}",
                        "{} {}",
                        job("") + "x",
                        "\uFEFF" + job(""),
                        "{\"specversion\":\"1.0\"}",
                        "{\"specversion\":\"1.0\",\"data\":null}",
                        EVENT.formatted("null"),
                        EVENT.formatted("[]"),
                        EVENT.formatted("[".repeat(100_000)),
                        "[".repeat(1_000_000),
                        "{\"a\":".repeat(50) + "1" + "}".repeat(50),
                        job("\"seed\":" + "9".repeat(100_000)),
                        job("\"seed\":1e999999999"),
                        job("\"guidance\":1e999"),
                        job("\"x\":" + "0.".repeat(1) + "1".repeat(5000)),
                        "{\"" + "n".repeat(100_000) + "\":1}",
                        " ".repeat(3 << 20))
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @MethodSource("bytes")
    void refusesBytesThatAreNotUtf8(byte[] value) {
        assertThat(refusal(value).message())
                .contains("is not UTF-8; legal: ")
                .containsOnlyOnce("legal");
    }

    private static Stream<byte[]> bytes() {
        byte[] loneSurrogate = {'"', (byte) 0xED, (byte) 0xA0, (byte) 0x80, '"'};
        byte[] overlong = {'"', (byte) 0xC0, (byte) 0x80, '"'};
        return Stream.of(
                new byte[] {(byte) 0xFF, (byte) 0xFE},
                loneSurrogate,
                overlong,
                job("\"prompt\":\"caf\u00e9\"").getBytes(StandardCharsets.ISO_8859_1));
    }

    @ParameterizedTest(name = "{0} → {1}")
    @MethodSource("fields")
    void namesTheFieldAndWhatIsLegal(String job, String message) {
        assertThat(refusal(job).message()).isEqualTo(message);
        assertThat(refusal(EVENT.formatted(job)).message()).isEqualTo(message);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("fields")
    void isRefusedByTheSchemaToo(String job, String message) throws IOException {
        // Relations between numbers, the arithmetic of decimal strings, the calendar and single
        // characters are beyond what JSON Schema says.
        boolean beyondSchemas =
                Stream.of("\\u0000", "\\ud800", "0.8", "\"18446744073709551616\"", "deadline")
                        .anyMatch(job::contains);

        assertThat(schemaRefuses(job)).isEqualTo(!beyondSchemas);
    }

    private static Stream<Arguments> fields() {
        String wholeNumber = "a whole number, at least 1";
        String text = "text without NUL or unpaired surrogate characters";
        String seed = "a whole number or decimal string from 0 to 18446744073709551615";
        String share = "a number from 0.0 to 1.0";
        String input = "s3://bucket/key or a presigned https:// address, at most 4096 characters";
        String prefix =
                "empty, or at most 512 characters: names of letters, digits, _ = - and inner dots"
                        + " (not ..), each followed by /";
        String name = "at most 128 characters like [A-Za-z0-9_-][A-Za-z0-9._-]{0,127}";
        String image = "{\"model\":\"canny\",\"image\":{\"uri\":\"s3://a/b\"}";
        return Stream.of(
                spec("\"promt\":\"x\"", "spec.promt is not known; did you mean spec.prompt?"),
                spec("\"Steps\":1", "spec.Steps is not known; did you mean spec.steps?"),
                spec(
                        "\"negative_prompt\":\"\"",
                        "spec.negative_prompt is not known; did you mean spec.negativePrompt?"),
                spec(
                        "\"control\":[" + image + ",\"sacle\":1}]",
                        "spec.control[0].sacle is not known; did you mean spec.control[0].scale?"),
                spec("\"prompt\":7", "spec.prompt is 7; legal: " + text),
                spec("\"prompt\":null", "spec.prompt is null; legal: " + text),
                spec("\"prompt\":\"a\\u0000\"", "spec.prompt is \"a\uFFFD\"; legal: " + text),
                spec("\"prompt\":\"a\\ud800\"", "spec.prompt is \"a\uFFFD\"; legal: " + text),
                spec("\"steps\":0", "spec.steps is 0; legal: " + wholeNumber),
                spec("\"steps\":1.5", "spec.steps is 1.5; legal: " + wholeNumber),
                spec("\"steps\":\"20\"", "spec.steps is \"20\"; legal: " + wholeNumber),
                spec("\"steps\":2147483648", "spec.steps is 2147483648; legal: " + wholeNumber),
                spec("\"count\":0", "spec.count is 0; legal: " + wholeNumber),
                spec("\"width\":0", "spec.width is 0; legal: " + wholeNumber),
                spec("\"height\":-64", "spec.height is -64; legal: " + wholeNumber),
                spec("\"seed\":-1", "spec.seed is -1; legal: " + seed),
                spec("\"seed\":1.5", "spec.seed is 1.5; legal: " + seed),
                spec("\"seed\":\"01\"", "spec.seed is \"01\"; legal: " + seed),
                spec(
                        "\"seed\":\"18446744073709551616\"",
                        "spec.seed is \"18446744073709551616\"; legal: " + seed),
                spec(
                        "\"seed\":18446744073709551616",
                        "spec.seed is 18446744073709551616; legal: " + seed),
                spec("\"guidance\":-1", "spec.guidance is -1; legal: a number at least 0.0"),
                spec("\"guidance\":true", "spec.guidance is true; legal: a number at least 0.0"),
                spec("\"eta\":1.1", "spec.eta is 1.1; legal: " + share),
                spec("\"guidanceRescale\":2", "spec.guidanceRescale is 2; legal: " + share),
                spec("\"clipSkip\":-1", "spec.clipSkip is -1; legal: a whole number, at least 0"),
                spec(
                        "\"init\":{\"uri\":\"s3://a/b\"},\"strength\":0",
                        "spec.strength is 0; legal: a number above 0.0 to 1.0"),
                spec(
                        "\"mask\":{\"uri\":\"s3://a/b\"}",
                        "spec.init is missing; legal: the picture that spec.mask is for"),
                spec("\"init\":\"s3://a/b\"", "spec.init is \"s3://a/b\"; legal: an object"),
                spec("\"init\":{}", "spec.init.uri is missing; legal: " + input),
                spec(
                        "\"init\":{\"uri\":\"file:///etc/passwd\"}",
                        "spec.init.uri is \"file:///etc/passwd\"; legal: " + input),
                spec(
                        "\"control\":[" + image + ",\"start\":0.8,\"end\":0.2}]",
                        "spec.control[0].start is 0.8; legal: start ≤ end, and they are 0.8 and"
                                + " 0.2"),
                spec(
                        "\"control\":[" + image + ",\"end\":1.5}]",
                        "spec.control[0].end is 1.5; legal: " + share),
                spec(
                        "\"frames\":8",
                        "spec.frames is not known; known here: kind, prompt, negativePrompt, count,"
                                + " seed, steps, guidance, scheduler, eta, guidanceRescale,"
                                + " clipSkip, width, height, init, strength, mask, control"),
                Arguments.of(
                        whole("\"kind\":\"image\"", ",\"output\":{\"format\":\"wav\"}"),
                        "output.format is \"wav\"; legal: png, jpeg, webp"),
                Arguments.of(
                        whole("\"kind\":\"audio\"", ",\"output\":{\"format\":\"webp\"}"),
                        "output.format is \"webp\"; legal: wav, flac, opus, mp3"),
                Arguments.of(
                        whole("\"kind\":\"video\"", ",\"output\":{\"format\":\"png\"}"),
                        "output.format is \"png\"; legal: mp4, webm, gif, webp, frames-zip,"
                                + " frames"),
                Arguments.of(
                        whole("\"kind\":\"image\"", ",\"output\":{\"sampleFormat\":\"s16\"}"),
                        "output.sampleFormat is not known; known here: format, quality, prefix"),
                Arguments.of(
                        whole("\"kind\":\"img\"", ""),
                        "spec.kind is \"img\"; legal: image, audio, video"),
                Arguments.of(whole("", ""), "spec.kind is missing; legal: image, audio, video"),
                output("\"quality\":0", "output.quality is 0; legal: a whole number from 1 to 100"),
                output("\"prefix\":\"a\"", "output.prefix is \"a\"; legal: " + prefix),
                output("\"prefix\":\"/a/\"", "output.prefix is \"/a/\"; legal: " + prefix),
                output("\"prefix\":\"a/../b/\"", "output.prefix is \"a/../b/\"; legal: " + prefix),
                output("\"prefix\":\"a//\"", "output.prefix is \"a//\"; legal: " + prefix),
                output("\"prefix\":\"a b/\"", "output.prefix is \"a b/\"; legal: " + prefix),
                outer(
                        "\"progress\":{\"everySteps\":0}",
                        "progress.everySteps is 0; legal: " + wholeNumber),
                outer(
                        "\"progress\":{\"preview\":\"no\"}",
                        "progress.preview is \"no\"; legal: true or false"),
                outer(
                        "\"deadline\":\"tomorrow\"",
                        "deadline is \"tomorrow\"; legal: an ISO-8601 time such as"
                                + " 2026-11-22T21:00:00Z"),
                outer(
                        "\"deadline\":\"2026-13-01T00:00:00Z\"",
                        "deadline is \"2026-13-01T00:00:00Z\"; legal: an ISO-8601 time such as"
                                + " 2026-11-22T21:00:00Z"),
                outer("\"maxAttempts\":0", "maxAttempts is 0; legal: " + wholeNumber),
                outer(
                        "\"labels\":{\"a b\":\"\"}",
                        "labels.\"a b\" is \"a b\"; legal: 1 to 64 letters, digits, . _ / -"),
                outer(
                        "\"labels\":{\"a\":1}",
                        "labels.a is 1; legal: text of at most 256 characters without NUL or"
                                + " unpaired surrogate characters"),
                outer("\"lables\":{}", "lables is not known; did you mean labels?"),
                Arguments.of(
                        whole("\"kind\":\"image\"", "").replace("\"m\"", "\"../m\""),
                        "model is \"../m\"; legal: " + name),
                Arguments.of(
                        whole("\"kind\":\"image\"", "").replace("\"model\":\"m\",", ""),
                        "model is missing; legal: " + name),
                Arguments.of(
                        whole("\"kind\":\"image\"", "").replace(":1,", ":0,"),
                        "specVersion is 0; legal: 1"),
                Arguments.of(
                        whole("\"kind\":\"image\"", "").replace(":1,", ":\"1\","),
                        "specVersion is \"1\"; legal: 1"));
    }

    @Test
    void reportsEverythingAtOnce() {
        Failure failure =
                refusal(
                        """
                        {"id":"a/b","spec":{"kind":"image","steps":0,"width":"wide","frames":2},\
                        "output":{"quality":101},"labels":[],"modell":"m"}\
                        """);

        assertThat(failure.violations())
                .extracting(Violation::field)
                .containsExactly(
                        "specVersion",
                        "id",
                        "model",
                        "spec.steps",
                        "spec.width",
                        "spec.frames",
                        "output.quality",
                        "labels",
                        "modell");
    }

    @Test
    void refusesNamesThatComeTwice() {
        assertThat(refusal(job("\"steps\":1,\"steps\":2")).message()).contains("Duplicate field");
    }

    @Test
    void reportsOnlySoMuchOfAFloodOfViolations() {
        StringBuilder flood = new StringBuilder("\"x\":0");
        for (int i = 0; i < 50_000; i++) {
            flood.append(",\"x").append(i).append("\":0");
        }

        Failure failure = refusal(job(flood.toString()));

        assertThat(failure.violations()).hasSize(Reading.MOST_VIOLATIONS + 1);
        assertThat(failure.violations().getLast().value()).isEqualTo("49901 more violations");
    }

    @Test
    void shortensLongValues() {
        Violation violation =
                refusal(job("\"scheduler\":\"" + "🍎".repeat(5000) + "\"")).violations().getFirst();

        assertThat(violation.value()).hasSizeLessThan(200).endsWith("…");
    }

    @Test
    void refusesASubjectThatIsNotTheJob() {
        String event = EVENT.formatted(job("")).replace("\"subject\":\"j1\"", "\"subject\":\"j2\"");

        assertThat(refusal(event).message())
                .isEqualTo("subject is \"j2\"; legal: the job's id, j1");
    }

    @Test
    void refusesACloudEventThatIsNotAJob() {
        String event = EVENT.formatted(job("")).replace("submitted.v1", "completed.v1");

        assertThat(refusal(event).message())
                .isEqualTo(
                        "type is \"dev.darkroom.job.completed.v1\"; legal:"
                                + " dev.darkroom.job.submitted.v1");
    }

    @Test
    void dropsABrokenTraceContext() {
        String event =
                EVENT.formatted(job(""))
                        .replace("\"subject\"", "\"traceparent\":\"x\",\"subject\"");

        assertThat(JobCodec.decode(event.getBytes(StandardCharsets.UTF_8)).traceparent()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"id\":\"j1\",\"spec\":{\"prompt\":",
                "{\"specversion\":\"1.0\",\"id\":\"other/one\",\"subject\":\"j1\",\"data\":[",
                "{\"id\":\"event\",\"subject\":\"subject\",\"data\":{\"job\":{\"id\":\"j1\",\"x\":}}}",
            })
    void findsTheIdInWhatCannotBeDecoded(String broken) {
        assertThat(JobCodec.idOf(broken.getBytes(StandardCharsets.UTF_8)))
                .contains(new JobId("j1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "[\"id\"]",
                "{\"id\":7}",
                "{\"id\":\"../etc\"}",
                "{\"a\":{\"id\":\"j\"}}"
            })
    void findsNoIdWhereThereIsNone(String broken) {
        assertThat(JobCodec.idOf(broken.getBytes(StandardCharsets.UTF_8))).isEmpty();
    }

    /// The path to each of these strings is longer than twenty thousand characters.
    @Test
    void findsNoIdInARecordOfManyStringsAtTheEndOfLongPaths() {
        StringBuilder record = new StringBuilder();
        for (int level = 0; level < 25; level++) {
            record.append("{\"").append("n".repeat(900)).append("\":");
        }
        record.append('[').append("\"\",".repeat(300_000));
        assertThat(JobCodec.idOf(record.toString().getBytes(StandardCharsets.UTF_8))).isEmpty();
    }

    private static Arguments spec(String fields, String message) {
        return Arguments.of(job(fields), message);
    }

    private static Arguments output(String fields, String message) {
        return outer("\"output\":{" + fields + "}", message);
    }

    private static Arguments outer(String fields, String message) {
        return Arguments.of(whole("\"kind\":\"image\"", "," + fields), message);
    }

    private static String job(String specFields) {
        return whole("\"kind\":\"image\"" + (specFields.isEmpty() ? "" : "," + specFields), "");
    }

    private static String whole(String spec, String more) {
        return "{\"specVersion\":1,\"id\":\"j1\",\"model\":\"m\",\"spec\":{"
                + spec
                + "}"
                + more
                + "}";
    }

    private static Failure refusal(String text) {
        return refusal(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Failure refusal(byte[] value) {
        Throwable thrown = catchThrowable(() -> JobCodec.decode(value));
        assertThat(thrown).isExactlyInstanceOf(FailureException.class);
        return ((FailureException) thrown).failure();
    }

    private static boolean schemaRefuses(String job) throws IOException {
        return !JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(Files.readString(SchemaFiles.FOLDER.resolve("job.schema.json")))
                .validate(job, InputFormat.JSON)
                .isEmpty();
    }
}
