package dev.darkroom.protocol.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.protocol.failure.Violation;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadingTest {
    private static final List<String> KNOWN =
            List.of("prompt", "negativePrompt", "seed", "steps", "count", "eta");

    @ParameterizedTest
    @CsvSource({
        "promt,prompt",
        "porm,",
        "prmopt,prompt",
        "PROMPT,prompt",
        "negative_prompt,negativePrompt",
        "sead,seed",
        "step,steps",
        "amount,count",
        "et,eta",
        "x,",
        "colour,",
    })
    void findsTheNearestName(String written, String meant) {
        assertThat(Nearest.to(written, KNOWN)).isEqualTo(Optional.ofNullable(meant));
    }

    @Test
    void quotesNamesThatWouldMakeAPathAmbiguous() {
        Reading reading = Reading.of(UnknownFields.REFUSED);

        reading.at("labels").at("a.b\n").missing("text");

        assertThat(reading.violations())
                .containsExactly(new Violation("labels.\"a.b\\n\"", "", "text"));
    }

    @Test
    void sharesFindingsBetweenThePlacesOfOneDocument() {
        Reading reading = Reading.of(UnknownFields.REFUSED);

        reading.at("a").at(3).missing("text");
        reading.passingOver().at("b").missing("text");
        reading.at("a").atRoot().at("c").missing("text");

        assertThat(reading.violations())
                .extracting(Violation::field)
                .containsExactly("a[3]", "b", "c");
    }
}
