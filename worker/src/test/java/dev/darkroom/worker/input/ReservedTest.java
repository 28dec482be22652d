package dev.darkroom.worker.input;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReservedTest {
    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, an unspecified address",
        "0.1.2.3, an unspecified address",
        "10.0.0.1, a private address",
        "10.255.255.255, a private address",
        "100.64.0.1, an address of a carrier's own network",
        "100.127.255.255, an address of a carrier's own network",
        "127.0.0.1, a loopback address",
        "127.255.255.254, a loopback address",
        "169.254.169.254, a link-local address",
        "172.16.0.1, a private address",
        "172.31.255.255, a private address",
        "192.0.0.8, a reserved address",
        "192.0.2.1, a documentation address",
        "192.88.99.1, a reserved address",
        "192.168.1.1, a private address",
        "198.18.0.1, a benchmarking address",
        "198.19.255.255, a benchmarking address",
        "198.51.100.7, a documentation address",
        "203.0.113.9, a documentation address",
        "224.0.0.1, a multicast address",
        "239.255.255.250, a multicast address",
        "240.0.0.1, a reserved address",
        "255.255.255.255, a reserved address",
        "::, an unspecified address",
        "::1, a loopback address",
        "::7f00:1, a reserved address",
        "::ffff:127.0.0.1, a loopback address",
        "::ffff:10.0.0.1, a private address",
        "::ffff:169.254.169.254, a link-local address",
        "64:ff9b::10.0.0.1, a private address",
        "64:ff9b::7f00:1, a loopback address",
        "64:ff9b:1::1, a reserved address",
        "100::1, a reserved address",
        "2001::1, a reserved address",
        "2001:db8::1, a documentation address",
        "2002:7f00:1::, an address that holds another",
        "3fff::1, a documentation address",
        "5f00::1, a reserved address",
        "fc00::1, a unique local address",
        "fd12:3456::1, a unique local address",
        "fd00:ec2::254, a unique local address",
        "fe80::1, a link-local address",
        "fec0::1, a reserved address",
        "ff02::1, a multicast address"
    })
    void saysWhatLeadsElsewhereThanToTheInternet(String address, String kind) {
        assertThat(Reserved.kind(InetAddress.ofLiteral(address))).contains(kind);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "8.8.8.8",
                "9.255.255.255",
                "11.0.0.1",
                "100.63.255.255",
                "100.128.0.1",
                "126.255.255.255",
                "128.0.0.1",
                "169.253.255.255",
                "172.15.255.255",
                "172.32.0.1",
                "192.167.255.255",
                "198.17.255.255",
                "223.255.255.255",
                "2001:4860:4860::8888",
                "2606:4700::1111",
                "2a00:1450::1",
                "64:ff9b::8.8.8.8"
            })
    void publicAddressesAreNotReserved(String address) {
        assertThat(Reserved.kind(InetAddress.ofLiteral(address))).isEmpty();
    }

    @Test
    void oddSpellingsOfAnAddressAreThatAddress() throws UnknownHostException {
        // What the platform makes of a host that is one number.
        assertThat(Reserved.kind(InetAddress.getByName("2130706433")))
                .contains("a loopback address");
    }
}
