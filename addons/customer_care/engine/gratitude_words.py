"""What people write when they thank, by language: English, Vietnamese, Thai, Chinese, Japanese.

A company adds its own phrases in the settings.

>>> sorted(THANKS) == sorted(POLITE) == sorted(MATTER)
True
"""
from __future__ import annotations

#: Phrases that say thanks, or that it works now.
THANKS: dict[str, tuple[str, ...]] = {
    "en": (
        "thank you", "thank u", "thanks", "thankyou", "thx", "ty", "much appreciated",
        "i appreciate", "appreciate it", "cheers", "it works now", "works now", "it works",
        "works again", "works fine", "problem solved", "all good", "perfect", "great",
    ),
    "vi": (
        "cảm ơn", "cám ơn", "xin cảm ơn", "chân thành cảm ơn", "cam on", "tks", "đã được rồi",
        "được rồi", "ổn rồi", "tuyệt vời",
    ),
    "th": (
        "ขอบคุณ", "ขอบพระคุณ", "ขอบใจ", "ใช้ได้แล้ว", "เรียบร้อยแล้ว", "เยี่ยม",
    ),
    "zh": (
        "謝謝", "谢谢", "感謝", "感谢", "多謝", "多谢", "感恩", "已經好了", "可以了",
        "太好了",
    ),
    "ja": (
        "ありがとうございました", "ありがとうございます", "ありがとう", "感謝いたします",
        "感謝", "助かりました", "直りました", "解決しました", "お礼申し上げます",
    ),
}

#: Pleasantries that may stand beside them.
POLITE: dict[str, tuple[str, ...]] = {
    "en": (
        "hello", "hi", "hey", "dear", "good morning", "good afternoon", "good evening",
        "best regards", "kind regards", "warm regards", "regards", "best wishes", "best",
        "sincerely", "yours", "have a nice day", "have a great day", "have a good day",
        "have a nice weekend", "for your help", "for the help", "for your quick reply",
        "for the quick reply", "for your quick help", "for your support", "for the support",
        "for your reply", "for the reply", "for your time", "for everything", "very much",
        "so much", "a lot", "very helpful", "team", "all", "again", "really", "many", "ok",
        "okay", "yes", "super", "well done", "good job", "you", "now", "everything", "is",
        "fine", "it", "the", "very", "kindly", "and", "my", "we", "i", "that", "was", "this",
    ),
    "vi": (
        "xin chào", "chào", "em", "anh", "chị", "bạn", "shop", "nhiều", "rất", "nhé", "nha",
        "ạ", "dạ", "vâng", "trân trọng", "thân", "đã hỗ trợ", "đã giúp đỡ", "hỗ trợ", "ok",
    ),
    "th": (
        "สวัสดี", "ครับ", "ค่ะ", "คะ", "มาก", "มากๆ", "นะ", "ที่ช่วยเหลือ", "ด้วยความเคารพ",
        "แล้ว",
    ),
    "zh": (
        "您好", "你好", "您", "你", "們", "的", "幫忙", "协助", "協助", "回覆", "回复",
        "非常", "真的", "了", "好的", "祝好", "收到", "服務", "服务", "敬上", "大家", "辛苦",
    ),
    "ja": (
        "お世話になっております", "お世話になりました", "早速", "ご対応", "ご返信", "ご連絡",
        "いただき", "頂き", "誠に", "本当に", "どうも", "とても", "よろしくお願いいたします",
        "よろしくお願いします", "様", "担当者", "了解しました", "承知しました", "の", "に",
        "を", "大変", "この度は",
    ),
}

#: What makes a word of thanks a matter.
MATTER: dict[str, tuple[str, ...]] = {
    "en": (
        "but", "however", "still", "not", "isn't", "doesn't", "don't", "didn't", "can't",
        "cannot", "won't", "leak", "leaks", "leaking", "please", "pls", "could", "would",
        "can", "need", "send", "when", "where", "why", "how", "which", "another", "also",
        "except", "unless", "until", "no thanks", "again broken", "broken", "refund",
        "cancel", "waiting", "wrong", "one more",
    ),
    "vi": (
        "nhưng", "không", "chưa", "rò", "vẫn", "làm ơn", "vui lòng", "giúp tôi", "khi nào",
        "bao giờ", "tại sao", "thế nào", "hoàn tiền", "hủy", "hỏng", "lỗi", "còn",
    ),
    "th": (
        "แต่", "ยังไม่", "ไม่", "กรุณา", "โปรด", "ช่วยส่ง", "เมื่อไหร่", "เมื่อไร", "ทำไม",
        "อย่างไร", "คืนเงิน", "ยกเลิก", "เสีย", "รั่ว", "ไหม", "หรือเปล่า",
    ),
    "zh": (
        "但", "可是", "不過", "不过", "還是", "还是", "沒", "没", "不", "請", "请", "嗎",
        "吗", "呢", "何時", "什麼", "什么", "怎麼", "怎么", "退款", "取消", "壞", "坏", "漏",
        "還有", "还有",
    ),
    "ja": (
        "しかし", "ですが", "まだ", "ません", "ない", "ください", "下さい", "でしょうか",
        "ますか", "いつ", "なぜ", "どう", "返金", "キャンセル", "故障", "壊れ", "漏れ",
        "お願いできますか",
    ),
}
