package dev.darkroom.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.darkroom.protocol.codec.JobCodec;
import dev.darkroom.protocol.failure.Failure;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.failure.Violation;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutcomeLineTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "secret cat",
                "{\"prompt\": \"secret cat\"",
                "{'specVersion': 1, 'id': 'a', 'model': 'm', 'spec': 'secret cat'}",
                "{'specVersion': 1, 'id': 'secret cat', 'model': 'm', 'spec': {'kind': 'image'}}",
                "{'specVersion': 1, 'id': 'a', 'model': 'm', 'spec': {'kind': 'secret cat'}}",
                "{'specVersion': 1, 'id': 'a', 'model': 'm',"
                        + " 'spec': {'kind': 'image', 'prompt': ['secret cat']}}",
            })
    void saysNothingOfARecordThatIsNoJobButFieldsAndWhatIsLegal(String record) {
        byte[] value = record.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        Failure failure =
                catchThrowableOfType(FailureException.class, () -> JobCodec.decode(value))
                        .failure();

        assertThat(OutcomeLine.of(failure, OutcomeLine.Prompts.HIDDEN))
                .startsWith("INVALID_JOB: ")
                .contains("legal")
                .doesNotContain("secret");
    }

    @Test
    void namesUnknownFieldsAndValuesThatAreNoPrompts() {
        Failure failure =
                Failure.of(
                        FailureCode.UNSUPPORTED_PARAMETER,
                        List.of(
                                new Violation("spec.width", "63", "64"),
                                new Violation("spec.prompt", "secret", "absent")));

        assertThat(OutcomeLine.of(failure, OutcomeLine.Prompts.HIDDEN))
                .isEqualTo(
                        "UNSUPPORTED_PARAMETER: spec.width is 63; legal: 64. spec.prompt; legal:"
                                + " absent");
        assertThat(OutcomeLine.of(failure, OutcomeLine.Prompts.SHOWN)).contains("secret");
    }
}
