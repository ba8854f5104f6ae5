// SPDX-License-Identifier: GPL-2.0
/*
 * A 1-Wire master without hardware, bit by bit, with two DS18B20 thermometers on its wire (25.0625 and -10.5 degrees);
 * the parameter "devices" leaves the first of them there, or none.
 * They know search, read, match and skip ROM, convert T, and read and write scratchpad; the wire is their wired AND.
 */
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/w1.h>

enum stage { ROM_COMMAND, SEARCH, MATCH, READ_ROM, FUNCTION, READ_PAD, WRITE_PAD, DONE };

struct thermometer {
	u8 rom[8];
	u8 pad[9];
	s16 temperature;	/* in sixteenths of a degree */
	enum stage stage;
	bool selected;
	int bit;		/* of the ROM, the scratchpad or the byte being received */
	int byte;
	int phase;		/* of a search: the bit, its complement, the choice */
	u8 received;
};

static struct thermometer slaves[2];
static uint devices = ARRAY_SIZE(slaves);
module_param(devices, uint, 0644);

static int present(void)
{
	return min_t(uint, devices, ARRAY_SIZE(slaves));
}

static void seal(struct thermometer *slave)
{
	slave->pad[8] = w1_calc_crc8(slave->pad, 8);
}

static u8 bit_of(const u8 *bytes, int bit)
{
	return (bytes[bit >> 3] >> (bit & 7)) & 1;
}

static u8 lab_reset_bus(void *data)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(slaves); i++) {
		slaves[i].stage = ROM_COMMAND;
		slaves[i].selected = true;
		slaves[i].bit = slaves[i].byte = slaves[i].phase = slaves[i].received = 0;
	}
	return !present(); /* 0: somebody is */
}

static bool sends(const struct thermometer *slave)
{
	return slave->selected && (slave->stage == READ_ROM || slave->stage == READ_PAD ||
				   (slave->stage == SEARCH && slave->phase < 2));
}

static u8 send_bit(struct thermometer *slave)
{
	u8 bit;

	switch (slave->stage) {
	case SEARCH:
		bit = bit_of(slave->rom, slave->bit);
		return slave->phase++ == 0 ? bit : !bit;
	case READ_ROM:
		return slave->bit < 64 ? bit_of(slave->rom, slave->bit++) : 1;
	case READ_PAD:
		return slave->bit < 72 ? bit_of(slave->pad, slave->bit++) : 1;
	default:
		return 1;
	}
}

static void rom_command(struct thermometer *slave, u8 command)
{
	slave->phase = 0;
	slave->byte = 0;
	switch (command) {
	case 0xf0:
		slave->stage = SEARCH;
		break;
	case 0x33:
		slave->stage = READ_ROM;
		break;
	case 0x55:
		slave->stage = MATCH;
		break;
	case 0xcc:
		slave->stage = FUNCTION;
		break;
	default:
		slave->selected = false;
	}
}

static void function(struct thermometer *slave, u8 command)
{
	slave->byte = 0;
	switch (command) {
	case 0x44:
		slave->pad[0] = slave->temperature;
		slave->pad[1] = slave->temperature >> 8;
		seal(slave);
		slave->stage = DONE;
		break;
	case 0xbe:
		slave->stage = READ_PAD;
		break;
	case 0x4e:
		slave->stage = WRITE_PAD;
		break;
	default:
		slave->stage = DONE;
	}
}

static void receive_byte(struct thermometer *slave, u8 byte)
{
	switch (slave->stage) {
	case ROM_COMMAND:
		rom_command(slave, byte);
		break;
	case MATCH:
		if (slave->rom[slave->byte++] != byte)
			slave->selected = false;
		else if (slave->byte == 8)
			slave->stage = FUNCTION;
		break;
	case FUNCTION:
		function(slave, byte);
		break;
	case WRITE_PAD:
		if (slave->byte < 3) {
			slave->pad[2 + slave->byte++] = byte;
			seal(slave);
		}
		break;
	default:
		break;
	}
}

static void receive_bit(struct thermometer *slave, u8 bit)
{
	if (!slave->selected)
		return;
	if (slave->stage == SEARCH) {
		/* Who has another bit there than the master chose is silent until the next reset. */
		if (bit_of(slave->rom, slave->bit) != bit || ++slave->bit == 64)
			slave->selected = false;
		slave->phase = 0;
		return;
	}
	slave->received |= bit << slave->bit;
	if (++slave->bit == 8) {
		u8 byte = slave->received;

		slave->received = 0;
		slave->bit = 0;
		receive_byte(slave, byte);
	}
}

/* A written 1 and a read slot look the same on the wire: who has something to send, sends. */
static u8 lab_touch_bit(void *data, u8 bit)
{
	bool reading = false;
	u8 wire = 1;
	int i;

	for (i = 0; i < present(); i++)
		reading |= bit && sends(&slaves[i]);
	for (i = 0; i < present(); i++) {
		if (!reading)
			receive_bit(&slaves[i], bit & 1);
		else if (sends(&slaves[i]))
			wire &= send_bit(&slaves[i]);
	}
	return reading ? wire : bit;
}

static struct w1_bus_master lab_master = {
	.touch_bit = lab_touch_bit,
	.reset_bus = lab_reset_bus,
	.dev_id = "MyClerk laboratory 1-Wire",
};

static struct platform_device *parent;

static int __init lab_w1_init(void)
{
	static const u8 power_on[8] = { 0x50, 0x05, 0x4b, 0x46, 0x7f, 0xff, 0x0c, 0x10 };
	int i, error;

	for (i = 0; i < ARRAY_SIZE(slaves); i++) {
		u8 rom[7] = { 0x28, 0x11 + i, 0x22, 0x33, 0x44, 0x55, 0x66 };

		memcpy(slaves[i].rom, rom, sizeof(rom));
		slaves[i].rom[7] = w1_calc_crc8(rom, sizeof(rom));
		memcpy(slaves[i].pad, power_on, sizeof(power_on));
		seal(&slaves[i]);
	}
	slaves[0].temperature = 0x0191;
	slaves[1].temperature = -0x00a8;
	lab_reset_bus(NULL);
	parent = platform_device_register_simple("lab-w1", -1, NULL, 0);
	if (IS_ERR(parent))
		return PTR_ERR(parent);
	error = w1_add_master_device(&lab_master);
	if (error)
		platform_device_unregister(parent);
	return error;
}

static void __exit lab_w1_exit(void)
{
	w1_remove_master_device(&lab_master);
	platform_device_unregister(parent);
}

module_init(lab_w1_init);
module_exit(lab_w1_exit);
MODULE_DESCRIPTION("1-Wire master without hardware, with two DS18B20");
MODULE_LICENSE("GPL");
