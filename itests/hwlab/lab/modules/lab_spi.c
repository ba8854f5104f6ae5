// SPDX-License-Identifier: GPL-2.0
/*
 * An SPI controller without hardware. Chip select 0 is a wire from MOSI to MISO; chip select 1 is a NOR flash of the
 * 25 series that answers 0x9f (JEDEC id ef 40 16) and 0x03 (read), and begins anew whenever its chip select moves.
 */
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/spi/spi.h>

static const u8 jedec_id[] = { 0xef, 0x40, 0x16 };
static u8 flash[4096];
static u8 instruction;
static u32 address;
static u32 clocked;

static u8 flash_clock(u8 in)
{
	u8 out = 0xff;

	if (clocked == 0) {
		instruction = in;
		address = 0;
	} else if (instruction == 0x9f) {
		out = clocked <= sizeof(jedec_id) ? jedec_id[clocked - 1] : 0;
	} else if (instruction == 0x03 && clocked <= 3) {
		address = (address << 8) | in;
	} else if (instruction == 0x03) {
		out = flash[address++ % sizeof(flash)];
	}
	clocked++;
	return out;
}

static void lab_set_cs(struct spi_device *device, bool level)
{
	clocked = 0;
}

static int lab_transfer_one(struct spi_controller *controller, struct spi_device *device, struct spi_transfer *transfer)
{
	const u8 *tx = transfer->tx_buf;
	u8 *rx = transfer->rx_buf;
	unsigned int i;

	for (i = 0; i < transfer->len; i++) {
		u8 in = tx ? tx[i] : 0;
		u8 out = device->chip_select == 0 ? in : flash_clock(in);

		if (rx)
			rx[i] = out;
	}
	return 0;
}

static struct platform_device *parent;
static struct spi_controller *controller;

static int __init lab_spi_init(void)
{
	/* A name that spidev binds to: Linux refuses a bare "spidev". */
	struct spi_board_info info = { .modalias = "dh2228fv", .max_speed_hz = 10000000, .mode = SPI_MODE_0 };
	int i, error;

	for (i = 0; i < sizeof(flash); i++)
		flash[i] = i ^ (i >> 8);
	parent = platform_device_register_simple("lab-spi", -1, NULL, 0);
	if (IS_ERR(parent))
		return PTR_ERR(parent);
	controller = spi_alloc_master(&parent->dev, 0);
	if (!controller) {
		platform_device_unregister(parent);
		return -ENOMEM;
	}
	controller->bus_num = 0;
	controller->num_chipselect = 2;
	controller->mode_bits = SPI_CPOL | SPI_CPHA | SPI_LSB_FIRST | SPI_3WIRE | SPI_CS_HIGH | SPI_LOOP;
	controller->bits_per_word_mask = SPI_BPW_MASK(8) | SPI_BPW_MASK(16);
	controller->max_speed_hz = 10000000;
	controller->min_speed_hz = 1000;
	controller->transfer_one = lab_transfer_one;
	controller->set_cs = lab_set_cs;
	error = spi_register_controller(controller);
	if (error) {
		spi_controller_put(controller);
		platform_device_unregister(parent);
		return error;
	}
	for (i = 0; i < controller->num_chipselect; i++) {
		info.chip_select = i;
		spi_new_device(controller, &info);
	}
	return 0;
}

static void __exit lab_spi_exit(void)
{
	spi_unregister_controller(controller);
	platform_device_unregister(parent);
}

module_init(lab_spi_init);
module_exit(lab_spi_exit);
MODULE_DESCRIPTION("SPI controller without hardware");
MODULE_LICENSE("GPL");
