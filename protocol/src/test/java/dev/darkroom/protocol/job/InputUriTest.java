package dev.darkroom.protocol.job;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InputUriTest {
    @ParameterizedTest
    @CsvSource({
        "https://h/a.png?X-Amz-Signature=secret, https://h/a.png",
        "https://h/a.png#secret, https://h/a.png",
        "https://user:secret@h/a.png, https://…@h/a.png",
        "https://user:secret@h:8443/a@b.png?secret, https://…@h:8443/a@b.png",
        "https://h/user:name@b.png, https://h/user:name@b.png",
        "s3://bucket/a?b#c, s3://bucket/a?b#c"
    })
    void showsNoSecretOfAnAddress(String written, String shown) {
        assertThat(new InputUri(written).shown()).isEqualTo(shown);
    }
}
