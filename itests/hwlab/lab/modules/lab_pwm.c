// SPDX-License-Identifier: GPL-2.0
/* A PWM chip of four channels without hardware; /sys/kernel/debug/pwm shows what was applied. */
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/pwm.h>

#define CHANNELS 4
#define LONGEST_PERIOD_NS 1000000000ULL

static struct pwm_state applied[CHANNELS];

static int lab_apply(struct pwm_chip *chip, struct pwm_device *pwm, const struct pwm_state *state)
{
	if (state->period > LONGEST_PERIOD_NS)
		return -EINVAL;
	applied[pwm->hwpwm] = *state;
	return 0;
}

static int lab_get_state(struct pwm_chip *chip, struct pwm_device *pwm, struct pwm_state *state)
{
	*state = applied[pwm->hwpwm];
	return 0;
}

static const struct pwm_ops lab_ops = {
	.owner = THIS_MODULE,
	.apply = lab_apply,
	.get_state = lab_get_state,
};

static struct pwm_chip lab_chip = { .ops = &lab_ops, .npwm = CHANNELS };
static struct platform_device *parent;

static int __init lab_pwm_init(void)
{
	int error;

	parent = platform_device_register_simple("lab-pwm", -1, NULL, 0);
	if (IS_ERR(parent))
		return PTR_ERR(parent);
	lab_chip.dev = &parent->dev;
	error = pwmchip_add(&lab_chip);
	if (error)
		platform_device_unregister(parent);
	return error;
}

static void __exit lab_pwm_exit(void)
{
	pwmchip_remove(&lab_chip);
	platform_device_unregister(parent);
}

module_init(lab_pwm_init);
module_exit(lab_pwm_exit);
MODULE_DESCRIPTION("PWM chip without hardware");
MODULE_LICENSE("GPL");
