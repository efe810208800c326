"""The starter model's words: tokenizer and text encoder.

One token a word, so that a word never met is one `<unk>`, which training teaches to ignore.
"""

from typing import Any

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from torch import Tensor
from transformers import PreTrainedTokenizerFast, UMT5Config, UMT5EncoderModel

from generation.starter.vocabulary import WORD_PATTERN, known_words

TEXT_TOKENS = 40
TEXT_WIDTH = 128
PADDING, END, UNKNOWN = "<pad>", "</s>", "<unk>"


def build_tokenizer() -> PreTrainedTokenizerFast:
    """Lower-case words and digits; everything else only separates."""
    words = [PADDING, END, UNKNOWN, *sorted(known_words())]
    core = Tokenizer(
        models.WordLevel({word: index for index, word in enumerate(words)}, unk_token=UNKNOWN)
    )
    core.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    core.pre_tokenizer = pre_tokenizers.Split(Regex(WORD_PATTERN), behavior="removed", invert=True)
    core.post_processor = processors.TemplateProcessing(
        single=f"$A {END}", special_tokens=[(END, 1)]
    )
    made: Any = PreTrainedTokenizerFast
    tokenizer: PreTrainedTokenizerFast = made(
        tokenizer_object=core,
        pad_token=PADDING,
        eos_token=END,
        unk_token=UNKNOWN,
        model_max_length=TEXT_TOKENS,
    )
    return tokenizer


def build_text_encoder(vocabulary: int) -> UMT5EncoderModel:
    """Two small layers, trained together with the transformer."""
    return UMT5EncoderModel(
        UMT5Config(
            vocab_size=vocabulary,
            d_model=TEXT_WIDTH,
            d_kv=32,
            d_ff=256,
            num_layers=2,
            num_heads=4,
            dropout_rate=0.0,
            pad_token_id=0,
            eos_token_id=1,
            decoder_start_token_id=0,
        )
    )


def tokenize(tokenizer: PreTrainedTokenizerFast, captions: list[str]) -> tuple[Tensor, Tensor]:
    """Token numbers and mask, (b, TEXT_TOKENS) each."""
    batch = tokenizer(
        captions, padding="max_length", max_length=TEXT_TOKENS, truncation=True, return_tensors="pt"
    )
    return batch.input_ids, batch.attention_mask


def embed(encoder: UMT5EncoderModel, ids: Tensor, mask: Tensor) -> Tensor:
    """Text states (b, tokens, width) with zeros at the padding, as the pipeline makes them."""
    states: Tensor = encoder(ids, mask).last_hidden_state
    return states * mask.unsqueeze(-1).to(states.dtype)
