"""The risk of falling back into poverty through illness, beside the rule of QH-5."""
