package dev.darkroom.worker.job;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.Violation;
import java.util.List;
import org.junit.jupiter.api.Test;

class RefusalTest {
    private final Refusal refusal = new Refusal();

    @Test
    void passesWhatNobodyFindsFaultWith() {
        refusal.add(FailureCode.LIMIT_EXCEEDED, List.of());
        assertThatCode(refusal::check).doesNotThrowAnyException();
    }

    @Test
    void isNamedAfterTheGravestFault() {
        refusal.add(FailureCode.LIMIT_EXCEEDED, List.of(new Violation("a", "1", "0")));
        refusal.add(FailureCode.UNSUPPORTED_PARAMETER, List.of(new Violation("b", "1", "0")));
        assertThatThrownBy(refusal::check)
                .hasMessage("UNSUPPORTED_PARAMETER: a is 1; legal: 0. b is 1; legal: 0");
    }

    @Test
    void saysWhatIsLegalForAllJudgesOfAField() {
        refusal.add(FailureCode.UNSUPPORTED_PARAMETER, List.of(new Violation("a", "9", "1 to 4")));
        refusal.add(FailureCode.LIMIT_EXCEEDED, List.of(new Violation("a", "9", "at most 2")));
        refusal.add(FailureCode.LIMIT_EXCEEDED, List.of(new Violation("a", "9", "at most 2")));
        assertThatThrownBy(refusal::check)
                .hasMessage("UNSUPPORTED_PARAMETER: a is 9; legal: 1 to 4, and at most 2");
    }
}
