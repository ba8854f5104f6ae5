// SPDX-License-Identifier: GPL-2.0
/*
 * An I2C adapter without hardware, with four targets on its bus:
 *
 *   0x0b   an SMBus device that checks and sends a packet error code
 *   0x48   a thermometer like the LM75, at 25.5 degrees
 *   0x50   an EEPROM like the 24C02, 256 bytes
 *   0x150  a register behind a 10-bit address
 *
 * Parameters (/sys/module/lab_i2c/parameters): "fault", an errno with which every transfer fails (an arbitration
 * that was lost is 11, EAGAIN); "writes", how many messages in writing direction reached a target.
 */
#include <linux/i2c.h>
#include <linux/module.h>
#include <linux/platform_device.h>

static int fault;
module_param(fault, int, 0644);

static int writes;
module_param(writes, int, 0444);

/* 24C02: a word address, then data; reading goes on from the address. */
static u8 eeprom[256];
static u8 eeprom_address;

static int eeprom_message(struct i2c_msg *msg)
{
	int i;

	if (msg->flags & I2C_M_RD) {
		for (i = 0; i < msg->len; i++)
			msg->buf[i] = eeprom[eeprom_address++];
	} else if (msg->len) {
		eeprom_address = msg->buf[0];
		for (i = 1; i < msg->len; i++)
			eeprom[eeprom_address++] = msg->buf[i];
	}
	return 0;
}

/* LM75: temperature (read only), configuration, hysteresis, limit. */
static u8 registers[4][2] = { { 0x19, 0x80 }, { 0, 0 }, { 0x4b, 0 }, { 0x50, 0 } };
static u8 pointer;

static int thermometer_message(struct i2c_msg *msg)
{
	int i;

	if (msg->flags & I2C_M_RD) {
		for (i = 0; i < msg->len; i++)
			msg->buf[i] = registers[pointer][i & 1];
	} else if (msg->len) {
		pointer = msg->buf[0] & 3;
		for (i = 1; i < msg->len && i < 3 && pointer; i++)
			registers[pointer][i - 1] = msg->buf[i];
	}
	return 0;
}

/* A register of 16 bits behind a 10-bit address. */
static u8 far_register[2];

static int far_message(struct i2c_msg *msg)
{
	u8 *from = msg->flags & I2C_M_RD ? far_register : msg->buf;
	u8 *to = msg->flags & I2C_M_RD ? msg->buf : far_register;

	memcpy(to, from, min_t(int, msg->len, 2));
	return 0;
}

/*
 * The SMBus device. Commands 0x00-0x07 are registers of a byte, 0x08-0x0f of a word. 0x10 is a process call that
 * answers the sum of word and command, 0x20 a block, 0x21 a block process call that answers the block backwards.
 * Without a command the last byte that was sent is received. Whatever follows the data is a packet error code.
 */
static u8 words[17][2];
static u8 block[I2C_SMBUS_BLOCK_MAX + 1] = { 7, 'M', 'y', 'C', 'l', 'e', 'r', 'k' };
static u8 command;

static u8 crc_of(u8 crc, struct i2c_msg *msg, int length)
{
	u8 address = i2c_8bit_addr_from_msg(msg);

	return i2c_smbus_pec(i2c_smbus_pec(crc, &address, 1), msg->buf, length);
}

static int data_length(struct i2c_msg *msg)
{
	if (msg->len == 1)
		return 0; /* a byte that is sent, or the command of a read */
	if (msg->len == 2 && crc_of(0, msg, 1) == msg->buf[1])
		return 0; /* the same with its code */
	if (command < 0x08)
		return 1;
	return command <= 0x10 ? 2 : msg->buf[1] + 1;
}

static int smbus_write(struct i2c_msg *msg, u8 *crc)
{
	int i, length;

	if (!msg->len)
		return 0;
	command = msg->buf[0];
	length = data_length(msg);
	if (msg->len > 1 + length && crc_of(0, msg, 1 + length) != msg->buf[1 + length])
		return -EIO; /* a wrong code is not acknowledged */
	if (length && command <= 0x10)
		memcpy(words[command], msg->buf + 1, min_t(int, length, msg->len - 1));
	if (length && command == 0x10) {
		u16 sum = words[0x10][0] + (words[0x10][1] << 8) + command;

		words[0x10][0] = sum;
		words[0x10][1] = sum >> 8;
	}
	if (length > 1 && length <= sizeof(block) && command == 0x20)
		memcpy(block, msg->buf + 1, length);
	if (length > 1 && length <= sizeof(block) && command == 0x21) {
		block[0] = msg->buf[1];
		for (i = 0; i < block[0]; i++)
			block[1 + i] = msg->buf[1 + block[0] - i];
	}
	*crc = crc_of(0, msg, 1 + length);
	return 0;
}

static int smbus_read(struct i2c_msg *msg, bool alone, u8 *crc)
{
	int length, asked = msg->len;

	if (msg->flags & I2C_M_RECV_LEN) {
		length = block[0] + 1;
		memcpy(msg->buf, block, length);
		msg->len += block[0];
		asked += block[0];
	} else if (alone) {
		length = 1;
		msg->buf[0] = command;
	} else {
		length = min_t(int, asked, command < 0x08 ? 1 : 2);
		memcpy(msg->buf, words[command <= 0x10 ? command : 0], length);
	}
	if (asked > length)
		msg->buf[length] = crc_of(*crc, msg, length);
	return 0;
}

static int smbus_message(struct i2c_msg *msg, bool first, u8 *crc)
{
	return msg->flags & I2C_M_RD ? smbus_read(msg, first, crc) : smbus_write(msg, crc);
}

static int lab_transfer(struct i2c_adapter *adapter, struct i2c_msg *msgs, int count)
{
	u8 crc = 0;
	int i, error;

	if (fault)
		return -fault;
	for (i = 0; i < count; i++) {
		bool ten = msgs[i].flags & I2C_M_TEN;

		if (!ten && msgs[i].addr == 0x0b)
			error = smbus_message(&msgs[i], i == 0, &crc);
		else if (!ten && msgs[i].addr == 0x48)
			error = thermometer_message(&msgs[i]);
		else if (!ten && msgs[i].addr == 0x50)
			error = eeprom_message(&msgs[i]);
		else if (ten && msgs[i].addr == 0x150)
			error = far_message(&msgs[i]);
		else
			error = -ENXIO; /* nobody acknowledges the address */
		if (error)
			return error;
		if (!(msgs[i].flags & I2C_M_RD))
			writes++;
	}
	return count;
}

static u32 lab_functionality(struct i2c_adapter *adapter)
{
	return I2C_FUNC_I2C | I2C_FUNC_10BIT_ADDR | I2C_FUNC_SMBUS_EMUL_ALL;
}

static const struct i2c_algorithm lab_algorithm = {
	.master_xfer = lab_transfer,
	.functionality = lab_functionality,
};

static struct i2c_adapter lab_adapter = {
	.owner = THIS_MODULE,
	.algo = &lab_algorithm,
	.name = "MyClerk laboratory I2C",
};

static struct platform_device *parent;

static int __init lab_i2c_init(void)
{
	int error;

	memset(eeprom, 0xff, sizeof(eeprom));
	parent = platform_device_register_simple("lab-i2c", -1, NULL, 0);
	if (IS_ERR(parent))
		return PTR_ERR(parent);
	lab_adapter.dev.parent = &parent->dev;
	error = i2c_add_adapter(&lab_adapter);
	if (error)
		platform_device_unregister(parent);
	return error;
}

static void __exit lab_i2c_exit(void)
{
	i2c_del_adapter(&lab_adapter);
	platform_device_unregister(parent);
}

module_init(lab_i2c_init);
module_exit(lab_i2c_exit);
MODULE_DESCRIPTION("I2C adapter without hardware");
MODULE_LICENSE("GPL");
