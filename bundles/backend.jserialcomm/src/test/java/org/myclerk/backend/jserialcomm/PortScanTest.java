package org.myclerk.backend.jserialcomm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.myclerk.device.serial.SerialPort.Feature;

/** Scans a folder that looks like sysfs. */
final class PortScanTest {

    @TempDir
    Path folder;

    private Path dev;
    private Path sys;

    @BeforeEach
    void makeFolders() throws IOException {
        dev = Files.createDirectories(folder.resolve("dev"));
        sys = Files.createDirectories(folder.resolve("sys"));
        Files.createDirectories(sys.resolve("class/tty"));
    }

    private void uart(String name, String type) throws IOException {
        Path entry = Files.createDirectories(sys.resolve("class/tty").resolve(name));
        Files.createSymbolicLink(entry.resolve("device"),
                Files.createDirectories(sys.resolve("devices/pnp/" + name)));
        Files.writeString(entry.resolve("type"), type + "\n");
        Files.createFile(dev.resolve(name));
    }

    private Path usbDevice(String port, String serial) throws IOException {
        Path device = Files.createDirectories(sys.resolve("devices/usb1").resolve(port));
        Files.writeString(device.resolve("idVendor"), "0403\n");
        Files.writeString(device.resolve("idProduct"), "6001\n");
        Files.writeString(device.resolve("manufacturer"), "FTDI\n");
        Files.writeString(device.resolve("product"), "FT232R USB UART\n");
        if (serial != null) {
            Files.writeString(device.resolve("serial"), serial + "\n");
        }
        return device;
    }

    private void usbPort(String name, Path device, String part) throws IOException {
        Path place = Files.createDirectories(device.resolve(device.getFileName() + ":1." + part));
        Files.writeString(place.resolve("bInterfaceNumber"), part + "\n");
        Path entry = Files.createDirectories(sys.resolve("class/tty").resolve(name));
        Files.createSymbolicLink(entry.resolve("device"), Files.createDirectories(place.resolve(name)));
        Files.createFile(dev.resolve(name));
    }

    private Map<String, PortScan.Found> scan(String... named) {
        return new PortScan(dev, sys, List.of(named)).scan();
    }

    @Test
    void findsBuiltInPortsAndLeavesOutConsolesAndEmptyPlaces() throws IOException {
        uart("ttyS0", "4");
        uart("ttyS1", "0");
        uart("tty1", "4");
        uart("console", "4");
        assertEquals(Set.of("ttyS0"), scan().keySet());
        assertTrue(scan().get("ttyS0").features().contains(Feature.RS485));
    }

    @Test
    void namesAnAdapterByItsSerialNumberWhereverItIsPlugged() throws IOException {
        usbPort("ttyUSB3", usbDevice("1-1.2", "A50 69/RR4"), "00");
        PortScan.Found found = scan().get("usb-0403-6001-A50_69_RR4");
        assertEquals("FTDI FT232R USB UART", found.name());
        assertEquals("USB 1-1.2, " + dev.resolve("ttyUSB3"), found.place());
        assertEquals(EnumSet.of(Feature.CONTROL_LINES, Feature.BREAK), found.features());
    }

    @Test
    void namesAnAdapterWithoutASerialNumberByItsPlace() throws IOException {
        usbPort("ttyUSB0", usbDevice("1-1.2", null), "00");
        assertEquals(Set.of("usb-0403-6001-at-1-1.2"), scan().keySet());
    }

    @Test
    void tellsThePartsOfOneAdapterApart() throws IOException {
        Path device = usbDevice("1-1", "X");
        usbPort("ttyUSB0", device, "00");
        usbPort("ttyUSB1", device, "01");
        assertEquals(Set.of("usb-0403-6001-X", "usb-0403-6001-X-if01"), scan().keySet());
    }

    @Test
    void tellsTwoAdaptersWithOneSerialNumberApart() throws IOException {
        usbPort("ttyUSB0", usbDevice("1-1", "0001"), "00");
        usbPort("ttyUSB1", usbDevice("1-2", "0001"), "00");
        assertEquals(Set.of("usb-0403-6001-0001", "usb-0403-6001-0001@ttyUSB1"), scan().keySet());
    }

    @Test
    void offersNamedPathsThatAreThere() throws IOException {
        Path odd = Files.createFile(folder.resolve("odd-port"));
        assertEquals(Set.of(odd.toString()), scan(odd.toString(), folder.resolve("gone").toString())
                .keySet());
        assertTrue(scan(odd.toString()).get(odd.toString()).wire());
    }

    @Test
    void findsNothingWhereThereIsNoSysfs() {
        assertFalse(Files.exists(folder.resolve("none")));
        assertEquals(Map.of(), new PortScan(dev, folder.resolve("none"), List.of()).scan());
    }
}
